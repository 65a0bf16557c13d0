import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseError, openDatabase, type Database } from '../../../lib/support/database';

const schema = ['CREATE TABLE IF NOT EXISTS things (name text NOT NULL PRIMARY KEY, size double precision)'];
const insert = (name: string, size: number | null = 1) => ({
	sql: 'INSERT INTO things (name, size) VALUES ($1, $2) RETURNING name',
	values: [name, size],
});
let folder: string;
let file: string;
const open: Database[] = [];
async function database(): Promise<Database> {
	const opened = await openDatabase({ backend: 'sqlite', file }, schema);
	open.push(opened);
	return opened;
}

beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'database-'));
	file = path.join(folder, 'deep', 'things.sqlite');
});
afterEach(async () => {
	for (const each of open.splice(0)) await each.close();
	rmSync(folder, { recursive: true, force: true });
});

test('rows are there for the next one who opens the file, and a statement gives what it returns', async () => {
	const first = await database();
	expect(await first.write([insert('a', 1.5), insert('b', null)])).toEqual([
		[{ name: 'a' }],
		[{ name: 'b' }],
	]);
	await first.close();
	expect(await (await database()).read('SELECT * FROM things WHERE name = $1', ['a'])).toEqual([
		{ name: 'a', size: 1.5 },
	]);
});

test('a write that fails leaves nothing of itself and nothing of the others undone', async () => {
	const things = await database();
	const [good, bad, also] = await Promise.allSettled([
		things.write([insert('good')]),
		things.write([insert('half'), insert('half')]),
		things.write([insert('also')]),
	]);
	expect([good?.status, bad?.status, also?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	expect(bad).toMatchObject({ reason: { kind: 'store' } });
	expect(await things.read('SELECT name FROM things ORDER BY name')).toEqual([
		{ name: 'also' },
		{ name: 'good' },
	]);
});

test('two writers of one file lose nothing', async () => {
	const writers = [await database(), await database()];
	await Promise.all(
		writers.flatMap((writer, who) =>
			Array.from({ length: 50 }, (_, index) => writer.write([insert(`${who}-${index}`)])),
		),
	);
	expect(await writers[0]?.read('SELECT count(*) AS n FROM things')).toEqual([{ n: 100 }]);
});

test('says what is wrong with a file that is no database, a folder that cannot be, and a closed one', async () => {
	const broken = path.join(folder, 'broken.sqlite');
	writeFileSync(
		broken,
		'this is no database at all, but long enough to look like a header of one'.repeat(20),
	);
	await expect(openDatabase({ backend: 'sqlite', file: broken }, schema)).rejects.toBeInstanceOf(
		DatabaseError,
	);
	await expect(
		openDatabase({ backend: 'sqlite', file: path.join(broken, 'x', 'y.sqlite') }, schema),
	).rejects.toMatchObject({ kind: 'folder' });
	const things = await database();
	await things.close();
	await expect(things.read('SELECT 1')).rejects.toMatchObject({ kind: 'store' });
});

test('a Postgres that is not there is an error without the password', async () => {
	const error = await openDatabase(
		{ backend: 'postgres', host: '127.0.0.1', port: 1, user: 'u', password: 'top-secret', database: 'd' },
		schema,
	).catch((thrown: unknown) => thrown);
	expect(error).toMatchObject({ kind: 'store' });
	expect(String(error)).not.toContain('top-secret');
});

test('a file has the number of its format; one of a newer version of the pack is refused and left as it is', async () => {
	const { DatabaseSync } = await import('node:sqlite');
	await (await database()).write([insert('a')]);
	for (const each of open.splice(0)) await each.close();
	const direct = new DatabaseSync(file);
	expect(direct.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
	direct.exec('PRAGMA user_version = 2; DROP TABLE things');
	direct.close();
	await expect(database()).rejects.toThrow(
		/newer version of n8n-nodes-local-engine wrote it \(format 2, this version knows 1\)\. Nothing was changed\. Update the pack/,
	);
	const after = new DatabaseSync(file);
	expect(after.prepare("SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table'").get()).toEqual({
		tables: 0,
	});
	after.close();
});
