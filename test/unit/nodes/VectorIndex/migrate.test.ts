// An index that moves to another model: what must be changed in other nodes is said before and after.
import type { IDataObject } from 'n8n-workflow';
import { createIndex } from '../../../../lib/vectorIndex';
import { migrate } from '../../../../nodes/VectorIndex/actions/index/migrate.operation';
import { otherNodes } from '../../../../nodes/VectorIndex/actions/index/otherNodes';
import { addressOf, runFor, useFolder } from '../tenants/tenants';

useFolder();

const run = async (parameters: object): Promise<{ json: IDataObject; hints: string[] }> => {
	const hints: string[] = [];
	const [output] = await runFor(
		'vectorIndex: index.migrate',
		{ backend: 'embedded', index: 'kb', ...parameters },
		[{ json: {} }],
		{ hints },
	);
	return { json: output?.json ?? {}, hints };
};
const chunking = { changeChunking: true, method: 'recursive', size: 200 };

it('the form says what an engine’s model means for other nodes, and only then', () => {
	const notice = migrate.fields.find(({ type }) => type === 'notice');
	expect(notice?.displayOptions).toEqual({ show: { embedding: ['engine'] } });
	expect(notice?.displayName).toMatch(/From the moment of the switch.*credential/);
});

it('says which nodes need the new model, on the node and in the item, but not where the model stays', async () => {
	const index = await createIndex(addressOf('kb'), { model: 'other', dimensions: 2, fingerprint: 'f' });
	await index.upsert([{ source: 'a.md', text: 'The bridge is closed.', vector: Float32Array.of(1, 2) }]);
	const moved = await run({ embedding: 'builtinFast', ...chunking });
	expect(moved.json).toMatchObject({ state: 'switched' });
	expect(moved.json.next).toEqual([expect.stringContaining('set Embedding Model to "Built-In, Fast"')]);
	expect(moved.hints).toEqual(moved.json.next);
	const same = await run({ embedding: 'keep', preset: 'accurate', ...chunking });
	expect(same.json).toMatchObject({ state: 'switched' });
	expect(same.json.next).toBeUndefined();
});

it('names the credential where the model is one of an engine', () => {
	expect(otherNodes('kb', 'From the Engine', true)).toEqual([
		expect.stringContaining('set Embedding Model to "From the Engine"'),
		expect.stringMatching(/searches the index "kb".*select the Local Engine API credential/),
	]);
});
