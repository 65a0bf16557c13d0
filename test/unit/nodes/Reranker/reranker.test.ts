import type { Hit } from '../../../../lib/vectorIndex';
import { Reranker } from '../../../../nodes/Reranker/Reranker.node';
import { rerankFrom, type SuppliedReranker } from '../../../../nodes/shared/langchain/reranker';
import { panelOf } from '../../../support/panel';

const documents = [
	{ pageContent: 'The printer takes recycled paper.', metadata: { source: 'printer.md' } },
	{ pageContent: 'The spare key hangs behind the blue door.', metadata: { source: 'keys.md' } },
];

describe('the reranker', () => {
	it('puts documents in order with their scores, and says who did it', async () => {
		const { context, panel } = panelOf({ parameters: { topN: 1 } });
		const { response } = await new Reranker().supplyData.call(context, 0);
		const ranked = await (response as SuppliedReranker).compressDocuments(
			documents,
			'Where is the spare key?',
		);
		expect(ranked).toEqual([
			{ ...documents[1], metadata: { source: 'keys.md', relevanceScore: expect.any(Number) } },
		]);
		expect(documents[1]?.metadata).toEqual({ source: 'keys.md' });
		expect(panel[0]).toMatchObject({
			connection: 'ai_reranker',
			input: { query: 'Where is the spare key?' },
			output: { rerankedBy: 'built-in', response: [{ pageContent: documents[1]?.pageContent }] },
		});
	});

	it('fails with a sentence for an empty question', async () => {
		const { context } = panelOf({ parameters: { topN: '' } });
		const { response } = await new Reranker().supplyData.call(context, 0);
		await expect((response as SuppliedReranker).compressDocuments(documents, ' ')).rejects.toThrow(
			'There is no query to rank by',
		);
	});
});

describe('a connected reranker as the last stage of a search', () => {
	const texts: Array<Hit['text']> = ['a', 'b', 'c'];

	it('may leave passages out, and may give no score', async () => {
		const best = rerankFrom({
			compressDocuments: async (sent: typeof documents) => [
				{ ...sent[2], metadata: { ...sent[2]?.metadata, relevanceScore: 0.9 } },
			],
		});
		expect(await best('q', texts)).toEqual([{ index: 2, score: 0.9 }]);
		const reversed = rerankFrom({ compressDocuments: async (sent: typeof documents) => [...sent].reverse() });
		const scored = await reversed('q', texts);
		expect(scored.map(({ index }) => index)).toEqual([2, 1, 0]);
		expect(scored[0]?.score).toBeGreaterThan(scored[1]?.score ?? 0);
	});

	it('is refused when it is none', () => {
		expect(() => rerankFrom({ rerank: () => [] })).toThrow('no reranker node');
	});
});
