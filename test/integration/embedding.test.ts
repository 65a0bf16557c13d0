// The built-in models from the packed tarball, inside a real n8n: the vectors of the models' own fixtures.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sharedHost, type Workflow } from '../support/n8n';

jest.setTimeout(180_000);

interface Fixture {
	/** What the text is embedded as, where that makes a difference. */
	readonly kind?: 'query' | 'passage';
	readonly text: string;
	readonly ids: readonly number[];
	readonly embedding: readonly number[];
}

const fixturesOf = (model: string): readonly Fixture[] =>
	(
		JSON.parse(readFileSync(path.join(__dirname, '..', '..', 'models', model, 'fixtures.json'), 'utf8')) as {
			fixtures: readonly Fixture[];
		}
	).fixtures;

function workflow(name: string, embedding: string): Workflow {
	const node = (type: string, id: string, x: number, typeVersion: number, parameters: object, more = {}) => ({
		id,
		name: id,
		type,
		typeVersion,
		position: [x, 0],
		parameters,
		...more,
	});
	return {
		id: name,
		name,
		nodes: [
			node(
				'n8n-nodes-base.webhook',
				'In',
				0,
				2.1,
				{
					httpMethod: 'POST',
					path: name,
					responseMode: 'lastNode',
					responseData: 'allEntries',
					options: {},
				},
				{ webhookId: name },
			),
			node('n8n-nodes-base.splitOut', 'Split', 200, 1, { fieldToSplitOut: 'body.texts', options: {} }),
			node('n8n-nodes-local-engine.localEngine', 'Embed', 400, 1, {
				resource: 'embedding',
				operation: 'embed',
				embedding,
				textField: 'body.texts',
			}),
		] as unknown as Workflow['nodes'],
		connections: {
			In: { main: [[{ node: 'Split', type: 'main', index: 0 }]] },
			Split: { main: [[{ node: 'Embed', type: 'main', index: 0 }]] },
		},
	};
}

// The fixtures' vectors are those of ONNX Runtime: the limits are what their README allows another runtime.
test.each([
	['builtinMultilingual', 'multilingual-e5-small', 0.015],
	['builtinEnglish', 'minilm-int8', 0.02],
	['builtinFast', 'static-minilm-256', 2e-6],
])('%s gives the vectors of its fixtures in n8n', async (embedding, model, tolerance) => {
	const { client } = await sharedHost();
	const name = `embed-${embedding.toLowerCase()}`;
	await client.importAndPublish(workflow(name, embedding));
	// Blank texts are refused by the node, special tokens alone have no vector, and the longest ones are averaged here but cut
	// off in the fixtures.
	const fixtures = fixturesOf(model).filter(
		({ kind, text, ids, embedding: wanted }) =>
			kind !== 'query' &&
			/[\p{L}\p{N}]/u.test(text) &&
			ids.length > 2 &&
			ids.length < 256 &&
			wanted.some((value) => value !== 0),
	);
	expect(fixtures.length).toBeGreaterThan(30);
	const answer = await client.webhook(name, { texts: fixtures.map(({ text }) => text) });
	expect(answer.status).toBe(200);
	const items = answer.json as Array<{ embedding: number[]; embeddingModel: string }>;
	expect(items).toHaveLength(fixtures.length);
	items.forEach((item, i) => {
		const wanted = fixtures[i]?.embedding ?? [];
		expect(item.embeddingModel).toBe(model);
		expect(item.embedding).toHaveLength(wanted.length);
		expect(
			Math.max(...wanted.map((value, at) => Math.abs(value - (item.embedding[at] ?? NaN)))),
		).toBeLessThan(tolerance);
	});
});
