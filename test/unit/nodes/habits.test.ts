// What people who know n8n stumbled over, where no other test is about it.
import { EngineError } from '../../../lib/engine';
import { embed } from '../../../nodes/LocalEngine/actions/embedding/embed.operation';
import { LocalEngine } from '../../../nodes/LocalEngine/LocalEngine.node';
import { toNodeError } from '../../../nodes/shared/runtime/errors';
import { search } from '../../../nodes/VectorIndex/actions/documents/search.operation';
import { VectorIndex } from '../../../nodes/VectorIndex/VectorIndex.node';
import { contextOf } from '../../support/nodeContext';
import { itemWith, outputOf } from '../../support/operation';
import { classify } from '../../../nodes/LocalEngine/actions/text/classify.operation';
import { sync } from '../../../nodes/VectorIndex/actions/documents/sync.operation';

test('no field is taken for a list of actions: n8n lists the entries of a field "mode"', () => {
	for (const { description } of [new LocalEngine(), new VectorIndex()])
		expect(description.properties.filter(({ name }) => name.toLowerCase() === 'mode')).toEqual([]);
});

test('"false" as text is no', () => {
	const item = (allowNone: unknown) =>
		itemWith(classify.fields, { parameters: { allowNone: () => allowNone } });
	expect([item('false').flag('allowNone'), item('true').flag('allowNone')]).toEqual([false, true]);
});

test('a choice whose expression gives nothing is refused, by the label of the field', () => {
	const missing = itemWith(sync.fields, { parameters: { syncMode: () => undefined } });
	expect(() => missing.choice('syncMode')).toThrow(/^"Missing Documents" has no value/);
	const searchBy = itemWith(search.fields, { parameters: { searchMode: () => undefined } });
	expect(() => searchBy.choice('searchMode')).toThrow(/^"Search By" has no value/);
});

test('an empty question that was written into the node is told by the label of its field', async () => {
	const parameters = { queryFrom: 'text', queryText: () => ' ', index: 'kb' };
	const written = itemWith(search.fields, { parameters });
	expect(written.label('queryText')).not.toBe('query');
	await expect(outputOf(search, { parameters })).rejects.toThrow(`"${written.label('queryText')}"`);
});

test('what was stopped names the time limit of the workflow', () => {
	const node = contextOf({}).getNode();
	const stopped = 'The execution was stopped, or it reached the time limit of the workflow.';
	const aborted = AbortSignal.abort().reason as unknown;
	expect(toNodeError(node, aborted, 0).message).toBe(stopped);
	const call = new EngineError('cancelled', 'The call was cancelled.', {});
	expect(toNodeError(node, call, 0).message).toBe(`The call was cancelled. ${stopped}`);
});

test('vectors have no more digits than a 32-bit number', async () => {
	const [item] = await outputOf(embed, {
		parameters: { embedding: 'builtinFast', textField: 'text' },
		items: [{ json: { text: 'The key hangs behind the door.' } }],
	});
	const vector = Object.values(item?.json ?? {}).find(Array.isArray) as number[];
	expect(vector.length).toBeGreaterThan(100);
	expect(
		Math.max(...vector.map((value) => String(Math.abs(value)).replace(/^0\.0*/, '').length)),
	).toBeLessThan(15);
});
