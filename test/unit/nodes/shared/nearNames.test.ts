import { VectorIndex } from '../../../../nodes/VectorIndex/VectorIndex.node';
import { nearNames } from '../../../../nodes/shared/runtime/nearNames';
import { contextOf } from '../../../support/nodeContext';
import { makeIndex, useFolderForAll } from '../tenants/tenants';

useFolderForAll();

const there = ['knowledge-base', 'handbook', 'prices-2025', 'hr'];

test.each([
	['knowlege-base', ['knowledge-base']],
	['Knowledge Base', ['knowledge-base']],
	['kb', []],
	['prices', ['prices-2025']],
	['hanbook', ['handbook']],
	['weather', []],
	['xr', []],
])('names like "%s"', (name, expected) => {
	expect(nearNames(name, there)).toEqual(expected);
});

async function searched(index: unknown): Promise<unknown> {
	const context = contextOf({
		parameters: { resource: 'documents', operation: 'search', questionField: 'question', index },
		items: [{ json: { question: 'Where is the key?' } }],
		node: { type: 'n8n-nodes-local-engine.vectorIndex' },
	});
	return await new VectorIndex().execute.call(context).catch((error: Error) => error.message);
}

test('a misspelt index is answered with the names like it; who sends the name hears of none', async () => {
	await makeIndex('handbook', { 'a.md': 'The key hangs behind the door.' });
	const missing = 'There is no index named "hanbook". Create it first, or check the name and the place.';
	expect(await searched({ __rl: true, mode: 'name', value: 'hanbook' })).toBe(
		`${missing} Similar names: "handbook".`,
	);
	expect(await searched(() => 'hanbook')).toBe(missing);
});
