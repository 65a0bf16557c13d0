// Insert Documents with vectors of a connected embeddings node, whose model may be an expression.
import type { INodeExecutionData } from 'n8n-workflow';
import { rowsOf, runFor, useFolder } from '../tenants/tenants';

useFolder();

/** An embeddings node of another package: only its name and the length of its vectors tell which model it is. */
class Foreign {
	constructor(
		readonly model: string,
		private readonly dimensions: number,
	) {}

	async embedQuery(text: string): Promise<number[]> {
		return Array.from({ length: this.dimensions }, (_, at) => (text.charCodeAt(at % text.length) % 7) + 1);
	}

	async embedDocuments(texts: string[]): Promise<number[][]> {
		return await Promise.all(texts.map(async (text) => await this.embedQuery(text)));
	}
}

const small = new Foreign('small', 4);
const large = new Foreign('large', 8);
const items: INodeExecutionData[] = ['a', 'b', 'c', 'd'].map((name) => ({
	json: { source: `${name}.md`, text: `Text of ${name}.` },
}));
const loader = {
	processItem: async ({ json }: INodeExecutionData) => [{ pageContent: json.text, metadata: {} }],
};

/** Runs it with these embeddings; tells for which items they were asked. */
async function insert(
	index: unknown,
	model: string,
	embeddingsOf: (itemIndex: number) => Foreign,
): Promise<{ output: INodeExecutionData[]; asked: number[] }> {
	const asked: number[] = [];
	const output = await runFor(
		'vectorStore: insert',
		{ backend: 'embedded', index, embedding: 'connected' },
		items,
		{
			continueOnFail: true,
			connected: (kind: string, itemIndex: number) => {
				if (kind !== 'ai_embedding') return loader;
				asked.push(itemIndex);
				return embeddingsOf(itemIndex);
			},
			before: [{ name: 'Embeddings', type: 'x', typeVersion: 1, disabled: false, parameters: { model } }],
		},
	);
	return { output, asked };
}

it('each item has the model that its expression gives', async () => {
	const { output, asked } = await insert(
		(item: number) => (item % 2 === 0 ? 'even' : 'odd'),
		'={{ $json.model }}',
		(item) => (item % 2 === 0 ? small : large),
	);
	expect(asked).toEqual([0, 1, 2, 3]);
	expect(output.map(({ json }) => json.stored)).toEqual([1, 1, 1, 1]);
	expect(Object.keys(await rowsOf('odd')).sort()).toEqual(['b.md', 'd.md']);
});

it('an item with another model than the index has is refused alone, never embedded with the model of another item', async () => {
	const { output } = await insert('mixed', '={{ $json.model }}', (item) => (item === 2 ? large : small));
	expect(output.map(({ json }) => json.stored ?? 'refused')).toEqual([1, 1, 'refused', 1]);
	expect(output[2]?.json.error).toEqual(expect.stringMatching(/large|dimensions/));
	expect(Object.keys(await rowsOf('mixed')).sort()).toEqual(['a.md', 'b.md', 'd.md']);
});

it('a node without expressions is asked once, however many items come', async () => {
	const { output, asked } = await insert('plain', 'small', () => small);
	expect(asked).toEqual([0]);
	expect(output.map(({ json }) => json.stored)).toEqual([1, 1, 1, 1]);
});
