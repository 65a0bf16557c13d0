import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportDataSet, FORMATS, recordStore, toRecord } from '../../../lib/distillation';
import { privateFolder, repairRights } from '../../../lib/support';
import { createIndex } from '../../../lib/vectorIndex';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'private-'));
	process.umask(0o022);
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

/** Everything below a folder that others may read, write or enter. */
async function openToOthers(folder: string): Promise<string[]> {
	const found: string[] = [];
	for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
		const path = join(entry.parentPath, entry.name);
		if (((await stat(path)).mode & 0o077) !== 0) found.push(path);
	}
	return found;
}

it('a folder of an earlier version is repaired at its first use, and what links lead to is left alone', async () => {
	const folder = join(root, 'data');
	const elsewhere = join(root, 'elsewhere.txt');
	await mkdir(join(folder, 'indexes'), { recursive: true, mode: 0o755 });
	await writeFile(join(folder, 'indexes', 'rows'), 'private', { mode: 0o644 });
	await writeFile(elsewhere, 'shared', { mode: 0o644 });
	await symlink(elsewhere, join(folder, 'link'));
	await chmod(folder, 0o755);
	await privateFolder(folder);
	expect((await stat(folder)).mode & 0o777).toBe(0o700);
	expect((await stat(join(folder, 'indexes'))).mode & 0o777).toBe(0o700);
	expect((await stat(join(folder, 'indexes', 'rows'))).mode & 0o777).toBe(0o600);
	expect((await stat(elsewhere)).mode & 0o777).toBe(0o644);
});

it('a folder that is made is for this user alone, with its parents', async () => {
	await privateFolder(join(root, 'a', 'b'));
	expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700);
	expect(await openToOthers(root)).toEqual([]);
});

it('records and their database files are for this user alone', async () => {
	const store = await recordStore({ backend: 'sqlite', file: join(root, 'records', 'a.db') });
	try {
		await store.append([toRecord({ messages: [{ role: 'user', content: 'a' }], answer: { content: 'b' } })]);
		expect(await openToOthers(root)).toEqual([]);
	} finally {
		await store.close();
	}
});

it('data sets are for this user alone', async () => {
	const record = toRecord({ messages: [{ role: 'user', content: 'a' }], answer: { content: 'b' } });
	// The folder that is allowed has to be there.
	await mkdir(join(root, 'data-sets'), { mode: 0o700 });
	const [format] = FORMATS;
	const { folder } = await exportDataSet([{ record, split: 'train', group: 'g' }], {
		format: format?.name ?? '',
		folder: join(root, 'data-sets', 'set'),
		allowedFolders: [join(root, 'data-sets')],
		name: 'set',
	});
	expect((await readdir(folder)).length).toBeGreaterThan(2);
	expect(await openToOthers(root)).toEqual([]);
});

it('an index cannot be entered by others, and its files are repaired', async () => {
	const directory = join(root, 'indexes');
	const index = await createIndex(
		{ backend: 'embedded', directory, name: 'a' },
		{ model: 'm', dimensions: 4, fingerprint: 'f' },
	);
	await index.upsert([{ source: 's', text: 't', vector: new Float32Array([1, 0, 0, 0]) }]);
	expect((await stat(directory)).mode & 0o777).toBe(0o700);
	await repairRights(directory);
	expect(await openToOthers(directory)).toEqual([]);
	expect(await index.count()).toBe(1);
	await index.close();
});
