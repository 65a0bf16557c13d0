// Behind every operation a merge by position joins each item with what became of it, whichever of them fail.
import type { IDataObject } from 'n8n-workflow';
import type { ChatEngine } from '../../../support/chatEngine';
import { outputOf } from '../../../support/operation';
import { randomSource } from '../../../support/random';
import { operations, useFolderForAll } from '../tenants/tenants';
import { asksEngine, bases, prepare, startEngine } from './bases';

useFolderForAll();
jest.setTimeout(300_000);

let engine: ChatEngine;
beforeAll(async () => {
	engine = await startEngine();
});
afterAll(async () => await engine.close());
beforeAll(prepare);

/** A field that every run of the operation reads; an expression that gives nothing makes an item fail. */
const FIRST: Record<string, string> = {
	'localEngine: chat.message': 'message',
	'localEngine: chat.answer': 'questionField',
	'localEngine: embedding.embed': 'embedding',
	'localEngine: engine.measure': 'concurrency',
	'localEngine: engine.detect': 'baseUrl',
	'localEngine: engine.pull': 'modelName',
	'localEngine: engine.load': 'modelName',
	'localEngine: engine.unload': 'modelName',
	'localEngine: gateway.answerRequest': 'answerField',
	'localEngine: passages.rerank': 'questionField',
	'localEngine: passages.grounding': 'answerField',
	'localEngine: text.extract': 'schemaFrom',
	'localEngine: text.read': 'binaryField',
	'localEngine: text.classify': 'textField',
	'localEngine: text.transcribe': 'binaryField',
	'vectorIndex: space.drop': 'confirm',
};
/** Operations without a field, and those whose result is about all items together. */
const OTHERS = [
	'localEngine: engine.models',
	'localEngine: engine.health',
	'localEngine: engine.find',
	'vectorIndex: space.changeKey',
	'vectorIndex: space.list',
	'vectorIndex: index.evaluate',
	'vectorIndex: index.list',
	'vectorIndex: documents.findChanges',
	'experiment: comparison.compare',
	'vectorIndex: index.progress',
	'distillation: dataSet.progress',
	'localEngine: engine.progress',
];

/** They make many items of one file, and do not put it out with each. */
const PARTS = ['localEngine: text.transcribe'];

const fieldOf = (name: string): string =>
	FIRST[name] ??
	(name.startsWith('vector') ? 'index' : name.startsWith('distillation') ? 'collection' : 'recordBackend');

const random = randomSource(7);

it.each([...operations.keys()].filter((name) => !OTHERS.includes(name)))('%s', async (name) => {
	const base = bases[name];
	const operation = operations.get(name);
	if (!base || !operation) throw new Error(`There is no base for "${name}"`);
	const [first] = base.items;
	if (!first) throw new Error(`The base of "${name}" has no item`);
	const items = Array.from({ length: 6 }, (_, position) => ({
		...first,
		json: { ...first.json, position },
		binary: { ...first.binary, own: { data: '', mimeType: 'text/plain', fileName: `${position}.txt` } },
	}));
	const fails = items.map(() => random() < 0.4);
	const field = fieldOf(name);
	const good = base.parameters[field] ?? operation.fields.find((each) => each.name === field)?.default;
	const named = ['question', 'text', 'answer', 'output'].find((each) => each === good);
	const value = named === undefined ? good : first.json[named];
	const parameters: IDataObject = { ...base.parameters };
	parameters[field] = ((item: number) => (fails[item] ? undefined : value)) as never;
	const isEngine = asksEngine(name);
	const output = await outputOf(operation, {
		...base,
		items,
		parameters,
		continueOnFail: true,
		node: {
			onError: 'continueRegularOutput',
			...(isEngine && { credentials: { localEngineApi: { id: '1', name: 'engine' } } }),
		},
		credentials: () => ({ dialect: 'openai', baseUrl: engine.url, chatModel: 'm' }),
	});
	const positions = output.map(({ pairedItem }) => (pairedItem as { item: number }).item);
	expect(positions).toEqual([...positions].sort((a, b) => a - b));
	expect(new Set(positions).size).toBe(items.length);
	for (const { json, binary, pairedItem } of output) {
		const { item } = pairedItem as { item: number };
		const parts = PARTS.includes(name) && !fails[item];
		expect([json.position, binary?.own?.fileName]).toEqual([item, parts ? undefined : `${item}.txt`]);
		if (fails[item]) expect(json.error).toEqual(expect.stringContaining('has no value'));
	}
});
