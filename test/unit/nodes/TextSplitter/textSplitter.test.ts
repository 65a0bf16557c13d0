import type { SuppliedSplitter } from '../../../../nodes/shared/langchain/splitter';
import { TextSplitter } from '../../../../nodes/TextSplitter/TextSplitter.node';
import { panelOf } from '../../../support/panel';

const text = `# Handbook

## Leave
The notice period for leave is fourteen days. It may be shorter in summer.

## Keys
The spare key hangs behind the blue door. Ask the porter at night.
`;

async function splitter(parameters: Record<string, unknown>) {
	const { context, panel } = panelOf({ parameters: { chunkOverlap: 0, unit: 'characters', ...parameters } });
	const { response } = await new TextSplitter().supplyData.call(context, 0);
	return { splitter: response as SuppliedSplitter, panel };
}

describe.each(['code', 'fixed', 'markdown', 'recursive', 'semantic', 'sentence'])(
	'the method %s',
	(method) => {
		it('gives pieces that are found again in the text by their offsets', async () => {
			const { splitter: own } = await splitter({ method, chunkSize: 90 });
			const pieces = await own.splitDocuments([{ pageContent: text, metadata: { source: 'handbook.md' } }]);
			expect(pieces.length).toBeGreaterThan(1);
			for (const { pageContent, metadata } of pieces) {
				expect(metadata.source).toBe('handbook.md');
				expect(text.slice(Number(metadata.start), Number(metadata.end))).toBe(pageContent);
				expect(pageContent.length).toBeLessThanOrEqual(90);
			}
			expect(await own.splitText(text)).toEqual(pieces.map(({ pageContent }) => pageContent));
		});
	},
);

it('tells headings, kind and context in the metadata', async () => {
	const { splitter: own } = await splitter({ method: 'markdown', chunkSize: 120, context: 'headings' });
	const pieces = await own.createDocuments([text], [{ author: 'we' }]);
	const leave = pieces.find(({ pageContent }) => pageContent.includes('fourteen'));
	expect(leave?.metadata).toMatchObject({
		author: 'we',
		headings: ['Handbook', 'Leave'],
		kind: 'text',
		context: 'Handbook > Leave',
	});
	expect(leave?.pageContent.startsWith('Handbook >')).toBe(false);
});

it('puts the context before the text where a store reads nothing else', async () => {
	const { splitter: own } = await splitter({
		method: 'markdown',
		chunkSize: 120,
		context: 'headings',
		options: { contextInText: true },
	});
	const pieces = await own.splitText(text);
	expect(pieces.find((piece) => piece.includes('fourteen'))).toMatch(/^Handbook > Leave\n\n/);
});

it('shows what went in and came out', async () => {
	const { splitter: own, panel } = await splitter({ method: 'sentence', chunkSize: 80 });
	const pieces = await own.splitText(text);
	expect(panel).toEqual([
		{
			connection: 'ai_textSplitter',
			input: { characters: text.length, text },
			output: { chunks: pieces.length, response: expect.any(Array) },
		},
	]);
});

it('fails with a sentence where the node is set wrong', async () => {
	await expect(splitter({ method: 'fixed', chunkSize: 10, chunkOverlap: 10 })).rejects.toThrow(
		/"Chunk Overlap" should be less than "Chunk Size" \(10\)/,
	);
});
