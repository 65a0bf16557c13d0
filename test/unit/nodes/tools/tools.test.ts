// What an agent gets: tools whose values come from the model, with short answers.
import {
	type FromAIArgument,
	type IDataObject,
	type INodeProperties,
	type INodeType,
	traverseNodeParameters,
} from 'n8n-workflow';
import { Chunker } from '../../../../nodes/Chunker/Chunker.node';
import { Distillation } from '../../../../nodes/Distillation/Distillation.node';
import { Experiment } from '../../../../nodes/Experiment/Experiment.node';
import { LocalEngine } from '../../../../nodes/LocalEngine/LocalEngine.node';
import { VectorIndex } from '../../../../nodes/VectorIndex/VectorIndex.node';
import { type ChatEngine, startChatEngine } from '../../../support/chatEngine';
import { contextOf } from '../../../support/nodeContext';
import { makeIndex, useFolderForAll } from '../tenants/tenants';

useFolderForAll();

const nodes: Record<string, INodeType> = { vectorIndex: new VectorIndex(), localEngine: new LocalEngine() };

/** The form of a node's tool, as n8n makes it. */
const formOf = (node: INodeType): INodeProperties[] =>
	node.description.properties.filter(({ displayOptions }) => displayOptions?.hide?.['@tool'] === undefined);

interface Tool {
	readonly name: string;
	readonly node: INodeType;
	readonly parameters: IDataObject;
	/** What the model has to give. */
	readonly asked: FromAIArgument[];
}

const isShown = (field: INodeProperties, given: IDataObject): boolean =>
	Object.entries(field.displayOptions?.show ?? {}).every(
		([name, values]) => name === '@tool' || (values ?? []).includes(given[name] as never),
	);

/** Every tool as it is when nothing but its operation was chosen: n8n fills the rest with the defaults. */
const tools: Tool[] = Object.entries(nodes).flatMap(([type, node]) =>
	formOf(node)
		.filter(({ name }) => name === 'operation')
		.flatMap((list) =>
			(list.options ?? []).flatMap((option) => {
				if (!('value' in option)) return [];
				const [resource = ''] = (list.displayOptions?.show?.resource ?? []) as string[];
				const parameters: IDataObject = { resource, operation: option.value };
				for (const field of formOf(node)) {
					if (!(field.name in parameters) && isShown(field, parameters))
						parameters[field.name] = field.default as IDataObject;
				}
				const asked: FromAIArgument[] = [];
				traverseNodeParameters(parameters as never, asked);
				return [{ name: `${type}: ${resource}.${String(option.value)}`, node, parameters, asked }];
			}),
		),
);

/** What the model gives for each of the fields it is asked for. */
const GIVEN: Record<string, string> = {
	question: 'Where is the spare key?',
	source: 'keys.md',
	name: 'note.md',
	text: 'The invoice is from 2024.',
	message: 'Good morning',
};

const chosen: Record<string, IDataObject> = {
	'localEngine: text.classify': { classes: { values: [{ name: 'invoice' }, { name: 'complaint' }] } },
	'localEngine: text.extract': { fields: { values: [{ name: 'year', type: 'string' }] } },
};

let engine: ChatEngine;
beforeAll(async () => {
	engine = await startChatEngine((asked) =>
		JSON.stringify(asked).includes('Extract the requested data') ? '{"year":"2024"}' : 'invoice',
	);
	await makeIndex('knowledge-base', { 'keys.md': 'The spare key hangs behind the blue door.' });
});
afterAll(async () => await engine.close());

/** Runs a tool as n8n does: expressions give what the model gave, and there is no item but its arguments. */
async function callTool({ node, parameters, asked, name }: Tool): Promise<unknown[]> {
	const args = Object.fromEntries(asked.map(({ key }) => [key, GIVEN[key]]));
	const values = Object.fromEntries(
		Object.entries({ ...parameters, ...chosen[name] }).map(([field, value]) => {
			const found: FromAIArgument[] = [];
			traverseNodeParameters({ value } as never, found);
			const [argument] = found;
			return [field, argument ? () => args[argument.key] : value];
		}),
	) as unknown as IDataObject;
	const context = contextOf({
		parameters: values,
		items: [{ json: args as IDataObject }],
		node: {
			type: `n8n-nodes-local-engine.${node.description.name}Tool`,
			...(name.startsWith('localEngine') && { credentials: { localEngineApi: { id: '1', name: 'engine' } } }),
		},
		credentials: () => ({ dialect: 'openai', baseUrl: engine.url, chatModel: 'm' }),
	});
	const output = (await node.execute?.call(context)) as Array<Array<{ json: unknown; binary?: unknown }>>;
	for (const { binary } of output.flat()) expect(binary).toBeUndefined();
	return output.flat().map(({ json }) => json);
}

it('offers what a model can use, and nothing else', () => {
	expect(tools.map(({ name }) => name).sort()).toEqual([
		'localEngine: chat.message',
		'localEngine: engine.health',
		'localEngine: engine.models',
		'localEngine: text.classify',
		'localEngine: text.extract',
		'vectorIndex: documents.get',
		'vectorIndex: documents.search',
		'vectorIndex: documents.sync',
		'vectorIndex: index.info',
		'vectorIndex: index.list',
	]);
	for (const node of [new Chunker(), new Experiment(), new Distillation()])
		expect(node.description.usableAsTool).toBeUndefined();
});

it.each(tools)('$name asks the model for values by name, and never for the name of a field', (tool) => {
	expect(tool.asked.map(({ key }) => key).sort()).toEqual(
		{
			'localEngine: chat.message': ['message'],
			'localEngine: text.classify': ['text'],
			'localEngine: text.extract': ['text'],
			'vectorIndex: documents.get': ['source'],
			'vectorIndex: documents.search': ['question'],
			'vectorIndex: documents.sync': ['name', 'text'],
		}[tool.name] ?? [],
	);
	for (const { description = '' } of tool.asked) expect(description.length).toBeGreaterThan(15);
	expect(tool.parameters.toolDescription).toMatch(/^[A-Z].{30,}\.$/);
	const fields = formOf(tool.node).filter((field) => isShown(field, tool.parameters));
	expect(fields.filter(({ requiresDataPath }) => requiresDataPath).map(({ name }) => name)).toEqual([]);
});

it.each(tools)('$name works as it comes out of the panel, and answers briefly', async (tool) => {
	const answers = await callTool(tool);
	expect(answers.length).toBeGreaterThan(0);
	const text = JSON.stringify(answers);
	expect(text.length).toBeLessThan(700);
	for (const noise of ['stages', 'usage', 'timings', 'searchTimings', 'attempts', '"id"'])
		expect(text).not.toContain(noise);
	const expected: Record<string, string> = {
		'localEngine: chat.message': '{"text":"invoice"}',
		'localEngine: engine.health': '"status":"ok"',
		'localEngine: engine.models': '"model"',
		'localEngine: text.classify': '"label":"invoice"',
		'localEngine: text.extract': '{"data":{"year":"2024"}}',
		'vectorIndex: documents.get': 'behind the blue door',
		'vectorIndex: documents.search': 'behind the blue door',
		'vectorIndex: documents.sync': '{"source":"note.md","state":"added"}',
		'vectorIndex: index.info': '"passages":',
		'vectorIndex: index.list': 'knowledge-base',
	};
	expect(text.replaceAll('\\"', '"')).toContain(expected[tool.name]);
});

it('refuses an operation that is no tool', async () => {
	const context = contextOf({
		parameters: { resource: 'index', operation: 'drop', toolDescription: 'Drops an index.' },
		node: { type: 'n8n-nodes-local-engine.vectorIndexTool' },
	});
	await expect(new VectorIndex().execute.call(context)).rejects.toThrow('"Drop" cannot be used as a tool');
});
