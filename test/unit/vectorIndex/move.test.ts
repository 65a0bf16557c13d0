import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
	createIndex,
	listIndexes,
	moveIndex,
	openIndex,
	restoreIndex,
	snapshotIndex,
	type IndexAddress,
} from '../../../lib/vectorIndex';

let home = '';
beforeEach(() => (home = mkdtempSync(path.join(tmpdir(), 'move-'))));
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

const at = (folder: string): IndexAddress => ({
	backend: 'embedded',
	directory: path.join(home, folder),
	name: 'a',
});
const point = (id: string, text: string, metadata = {}) => ({
	...{ id, source: 'a.md', text, metadata },
	vector: new Float32Array([1, 0]),
});

/** An index, and a copy of it that an interrupted move has left. */
async function halfMoved() {
	const source = await createIndex(at('from'), { model: 'm', dimensions: 2, fingerprint: 'f' });
	await source.upsert([point('1', 'One.', { a: 1 }), point('2', 'Two.')]);
	await source.manifest.put(new Map([['a.md', { state: 'ready' }]]));
	const { version } = await source.info();
	await restoreIndex(at('to'), snapshotIndex(source), { notes: { movedFrom: version } });
	return source;
}

it('goes on where it was interrupted', async () => {
	await halfMoved();
	const moved = await moveIndex(at('from'), at('to'));
	expect(await moved.count()).toBe(2);
	expect(await listIndexes(at('from'))).toEqual([]);
});

type Index = Awaited<ReturnType<typeof halfMoved>>;
it.each<[string, (source: Index) => Promise<unknown>]>([
	['a text', async (source) => await source.upsert([point('2', 'Another.')])],
	['metadata', async (source) => await source.upsert([point('1', 'One.', { a: 2 })])],
	[
		'one row for another',
		async (source) => {
			await source.delete({ ids: ['1'] });
			await source.upsert([point('3', 'Three.')]);
		},
	],
	['the manifest', async (source) => await source.manifest.put(new Map([['a.md', { state: 'removing' }]]))],
])('moves nothing when %s was changed meanwhile, though as many rows are there', async (_, change) => {
	await change(await halfMoved());
	await expect(moveIndex(at('from'), at('to'))).rejects.toMatchObject({
		kind: 'conflict',
		message: expect.stringContaining('was changed while it was copied') as string,
	});
	expect(await (await openIndex(at('from'))).count()).toBe(2);
	expect(await listIndexes(at('to'))).toEqual([]);
	// The next run copies what is there now.
	expect(await (await moveIndex(at('from'), at('to'))).count()).toBe(2);
});
