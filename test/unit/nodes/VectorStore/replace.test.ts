import { idOfContent, type Point } from '../../../../lib/vectorIndex';
import { Written } from '../../../../nodes/VectorStore/replace';
import { MemoryIndex } from '../../../support/memoryIndex';

async function* points(...rows: Point[]): AsyncGenerator<Point> {
	yield* rows;
}
const row = (source: string, text: string): Point => ({ source, text });

async function write(index: MemoryIndex, ...rows: Point[]) {
	const written = new Written('f');
	const remembered: Point[] = [];
	for await (const point of written.remember(points(...rows)))
		remembered.push({ ...point, id: idOfContent(point, 'f') });
	return { written, report: await index.upsert(remembered) };
}

it('removes what a source had before, and nothing of other sources', async () => {
	const index = new MemoryIndex(2, 'f');
	await write(index, row('a', 'old'), row('a', 'same'), row('b', 'old'));
	const { written, report } = await write(index, row('a', 'same'), row('a', 'new'));
	expect(await written.removeOlder(index, report)).toBe(1);
	expect([...index.rows.values()].map(({ source, text }) => `${source} ${text}`).sort()).toEqual([
		'a new',
		'a same',
		'b old',
	]);
});

it('removes nothing after a failure, which may have left a document in part', async () => {
	const index = new MemoryIndex(2, 'f');
	await write(index, row('a', 'old'));
	const { written, report } = await write(index, row('a', 'new'));
	expect(await written.removeOlder(index, { ...report, failedCount: 1 })).toBe(0);
	expect(index.rows.size).toBe(2);
});
