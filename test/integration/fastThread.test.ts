// The thread of the fast tier, which is there in the built package only.
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Embedding from '../../lib/embedding';
import type * as Thread from '../../lib/embedding/fast/thread';

jest.setTimeout(60_000);

const dist = path.join(__dirname, '..', '..', 'dist', 'lib', 'embedding');
const load = createRequire(__filename);
const { builtinEmbedder } = load(path.join(dist, 'index.js')) as typeof Embedding;
const { embedAside } = load(path.join(dist, 'fast', 'thread.js')) as typeof Thread;

const texts = Array.from({ length: 500 }, (_, i) =>
	i % 50 === 0 ? '' : `Text number ${i} is about ${'many different things '.repeat(i % 40)}and naïve words.`,
);

async function all(embedder: Embedding.Embedder): Promise<Embedding.EmbeddedText[]> {
	const found: Embedding.EmbeddedText[] = [];
	for await (const embedded of embedder.embedDocuments(texts)) found.push(embedded);
	return found;
}

describe('the thread of the fast tier', () => {
	it('gives the vectors that the own thread gives, while it starts and when it is there', async () => {
		const embedder = builtinEmbedder({ tier: 'fast' });
		const expected = [];
		for (const text of texts) {
			// One text alone never goes to the thread.
			for await (const embedded of embedder.embedDocuments([text])) expected.push(embedded);
		}
		expect(await all(embedder)).toEqual(expected);

		let aside: Awaited<ReturnType<typeof embedAside>>;
		while ((aside = await embedAside(['one text'])) === undefined)
			await new Promise((resolve) => setTimeout(resolve, 20));
		expect(aside.vectors).toHaveLength(256);
		expect(Array.from(aside.tokens)).toEqual([2]);
		expect(await all(embedder)).toEqual(expected);
	});

	it('stops when it is cancelled', async () => {
		const controller = new AbortController();
		const embedder = builtinEmbedder({ tier: 'fast' });
		let count = 0;
		const run = (async () => {
			for await (const { vector } of embedder.embedDocuments(texts, { signal: controller.signal })) {
				expect(vector).toHaveLength(256);
				if (++count === 10) controller.abort();
			}
		})();
		await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
		expect(count).toBeLessThan(texts.length);
	});
});
