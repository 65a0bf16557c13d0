// One run of each operation that works, so that one field after the other can be given something else.
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { snapshotIndex } from '../../../../lib/vectorIndex';
import { toRecord } from '../../../../lib/distillation';
import { type ChatEngine, startChatEngine } from '../../../support/chatEngine';
import type { ContextOptions } from '../../../support/nodeContext';
import { listOf, makeIndex, runFor, withRecords } from '../tenants/tenants';

export interface Base extends Pick<ContextOptions, 'before' | 'connected' | 'fileOf'> {
	readonly parameters: IDataObject;
	readonly items: INodeExecutionData[];
}

const index = { backend: 'embedded', index: 'kb', embedding: 'builtinFast' };
const records = { recordBackend: 'sqlite', collection: 'exchanges' };
const experiment = { recordBackend: 'sqlite', experiment: 'prompt' };
const item = (json: IDataObject): INodeExecutionData[] => [{ json }];
const file = (json: IDataObject = {}): INodeExecutionData[] => [
	{ json, binary: { data: { data: '', mimeType: 'application/octet-stream' } } },
];
const hits = [{ text: 'The bridge opened in 1937.', source: 'bridges.md' }];

let snapshot: Buffer | undefined;

/** What the operations work on: an index, records, an experiment. */
export async function prepare(): Promise<void> {
	const made = await makeIndex('kb', { 'a.md': 'A bridge.', 'b.md': 'A tower.' });
	snapshot = Buffer.concat(await listOf(snapshotIndex(made)));
	await runFor('vectorIndex: documents.sync', index, item({ source: 'c.md', text: 'A tunnel.' }));
	const exchanges = Array.from({ length: 12 }, (_, position) =>
		toRecord({
			id: `r${position}`,
			messages: [{ role: 'user', content: `Question number ${position}, long enough` }],
			answer: { content: `Answer number ${position}, long enough` },
		}),
	);
	// Delete has a collection of its own: some conditions hold for every record.
	for (const name of ['exchanges', 'outdated'])
		await withRecords(name, async (store) => await store.append(exchanges));
	await runFor('experiment: unit.assign', { ...experiment, variants }, item({ userId: 'ada' }));
}

const variants = {
	values: [
		{ name: 'control', settings: '{}', weight: 1 },
		{ name: 'new', settings: '{}', weight: 1 },
	],
};
const row = { text: 'A lamp.', source: 'lamp.md' };
const question = { question: 'What is a bridge?' };

export const bases: Record<string, Base> = {
	'vectorIndex: documents.sync': { parameters: index, items: item(row) },
	'vectorIndex: documents.upsert': { parameters: index, items: item(row) },
	'vectorIndex: documents.search': { parameters: { ...index, limit: 2 }, items: item(question) },
	'vectorIndex: documents.findChanges': {
		parameters: { ...index, syncMode: 'mirror' },
		items: item({ source: 'lamp.md', metadata: { changed: '2026-03-01' } }),
	},
	'vectorIndex: documents.list': { parameters: index, items: item({}) },
	'vectorIndex: documents.get': { parameters: { ...index, source: 'a.md', ids: 'x' }, items: item({}) },
	'vectorIndex: documents.delete': { parameters: { ...index, source: 'x.md', ids: 'x' }, items: item({}) },
	'vectorIndex: index.finishVectors': { parameters: index, items: item({}) },
	'vectorIndex: index.info': { parameters: index, items: item({}) },
	'vectorIndex: index.progress': { parameters: {}, items: item({}) },
	'distillation: dataSet.progress': { parameters: {}, items: item({}) },
	'localEngine: engine.progress': { parameters: {}, items: item({}) },
	'vectorIndex: index.list': { parameters: index, items: item({}) },
	'vectorIndex: index.create': { parameters: index, items: item({}) },
	'vectorIndex: index.evaluate': {
		parameters: { ...index, modes: ['keyword'] },
		items: item({ ...question, sources: ['a.md'] }),
	},
	'vectorIndex: index.tune': { parameters: { ...index, sample: 20 }, items: item({}) },
	'vectorIndex: index.migrate': {
		parameters: { ...index, embedding: 'keep', probes: { values: [{ query: 'A bridge?', source: 'a.md' }] } },
		items: item({}),
	},
	'vectorIndex: index.rollBack': { parameters: { ...index, index: 'none' }, items: item({}) },
	'vectorIndex: index.cleanUp': { parameters: { ...index, confirm: 'x' }, items: item({}) },
	'vectorIndex: index.move': { parameters: { ...index, backend: 'qdrant', index: 'none' }, items: item({}) },
	'vectorIndex: index.drift': { parameters: index, items: item({}) },
	'vectorIndex: index.snapshot': { parameters: index, items: item({}) },
	'vectorIndex: index.restore': {
		parameters: { ...index, index: 'restored', replace: true },
		items: file(),
		fileOf: () => snapshot,
	},
	'vectorIndex: index.export': { parameters: index, items: item({}) },
	'vectorIndex: index.drop': { parameters: { ...index, confirm: 'x' }, items: item({}) },
	'vectorIndex: space.moveIndex': { parameters: { ...index, index: 'a-kb' }, items: item({}) },
	'vectorIndex: space.changeKey': { parameters: {}, items: item({}) },
	'vectorIndex: space.list': { parameters: {}, items: item({}) },
	'vectorIndex: space.drop': { parameters: { confirm: 'x' }, items: item({}) },
	'vectorStore: insert': {
		parameters: index,
		items: item(row),
		connected: { processItem: async () => [{ pageContent: 'A lamp.', metadata: {} }] },
	},
	'vectorStore: load': { parameters: { ...index, queryText: 'A bridge?' }, items: item({}) },
	'vectorStore: retrieve': { parameters: { ...index, mode: 'retrieve' }, items: item({}) },
	'chunker: chunk': { parameters: {}, items: item({ text: 'A lamp. A bridge.', source: 'a.md' }) },
	'chatModel: supply': { parameters: {}, items: item({}) },
	'embeddings: supply': { parameters: { embedding: 'engine' }, items: item({}) },
	'reranker: supply': { parameters: {}, items: item({}) },
	'textSplitter: supply': { parameters: {}, items: item({}) },
	'distillation: record.add': {
		parameters: { ...records, mapping: 'fields' },
		items: item({ question: 'Why?', text: 'So.' }),
	},
	'distillation: record.feedback': {
		parameters: { ...records, recordId: 'r0', thumb: 'up' },
		items: item({}),
	},
	'distillation: record.import': {
		parameters: records,
		items: file(),
		fileOf: () => Buffer.from('{"prompt":"Why?","completion":"So."}\n'),
	},
	'distillation: record.figures': { parameters: records, items: item({}) },
	'distillation: record.get': { parameters: { ...records, recordId: 'r0' }, items: item({}) },
	'distillation: record.list': { parameters: records, items: item({}) },
	'distillation: record.delete': {
		parameters: { ...records, collection: 'outdated', ids: 'x' },
		items: item({}),
	},
	'distillation: record.moveToSpace': { parameters: { ...records, collection: 'other' }, items: item({}) },
	'distillation: dataSet.moveToSpace': { parameters: { dataSetName: 'other' }, items: item({}) },
	'distillation: dataSet.build': {
		parameters: {
			...records,
			options: {
				evaluationField: 'evaluation',
				paraphrases: 'builtinFast',
				judgeRubric: 'Good.',
				label: 'topic',
				perLabel: 5,
			},
		},
		items: item({ evaluation: ['What is a lamp?'] }),
	},
	'distillation: dataSet.compare': {
		parameters: {
			...records,
			student: 's',
			judge: 'j',
			limit: 1,
			options: { testShare: 0.5, label: 'topic', perLabel: 5 },
		},
		items: item({}),
	},
	'distillation: dataSet.generate': { parameters: records, items: item({ text: 'Why?' }) },
	'experiment: unit.assign': { parameters: { ...experiment, variants }, items: item({ userId: 'ada' }) },
	'experiment: unit.outcome': {
		parameters: { ...experiment, outcomes: { values: [{ metric: 'solved', value: 'yes' }] } },
		items: item({ userId: 'ada' }),
	},
	'experiment: experiment.report': {
		parameters: {
			...experiment,
			guardrails: { values: [{ metric: 'seconds', better: 'lower', tolerated: 1 }] },
		},
		items: item({}),
	},
	'experiment: experiment.end': { parameters: { ...experiment, winner: 'control' }, items: item({}) },
	'experiment: experiment.moveToSpace': {
		parameters: { ...experiment, experiment: 'other' },
		items: item({}),
	},
	'experiment: experiment.delete': { parameters: { ...experiment, experiment: 'other' }, items: item({}) },
	'experiment: comparison.compare': {
		parameters: { promptA: 'Be brief.', promptB: 'Be polite.', modelA: 'a', modelB: 'b' },
		items: item({ ...question, preference: 'A' }),
	},
	'experiment: experiment.list': { parameters: experiment, items: item({}) },
	'localEngine: chat.message': { parameters: { ...records, message: 'Hello' }, items: file() },
	'localEngine: chat.answer': { parameters: records, items: item({ ...question, hits }) },
	'localEngine: embedding.embed': {
		parameters: { embedding: 'builtinFast' },
		items: item({ text: 'A lamp.' }),
	},
	'localEngine: engine.models': { parameters: {}, items: item({}) },
	'localEngine: engine.health': { parameters: {}, items: item({}) },
	'localEngine: engine.find': { parameters: {}, items: item({}) },
	'localEngine: engine.measure': {
		parameters: { concurrency: '1', budgetSeconds: 5, options: { maxTokens: 1 } },
		items: item({}),
	},
	'localEngine: engine.detect': { parameters: {}, items: item({}) },
	'localEngine: engine.pull': { parameters: { modelName: 'm' }, items: item({}) },
	'localEngine: engine.load': { parameters: { modelName: 'm' }, items: item({}) },
	'localEngine: engine.unload': { parameters: { modelName: 'm' }, items: item({}) },
	'localEngine: gateway.answerRequest': {
		parameters: {},
		items: item({ output: 'A way over water.' }),
		before: [
			{ name: 'Gateway', type: 'n8n-nodes-local-engine.engineGateway', disabled: false, typeVersion: 1 },
		],
	},
	'localEngine: passages.rerank': { parameters: {}, items: item({ ...question, hits }) },
	'localEngine: passages.grounding': {
		parameters: {},
		items: item({ answer: 'It opened in 1937 [1].', citations: hits }),
	},
	'localEngine: text.extract': {
		parameters: { ...records, fields: { values: [{ name: 'year', type: 'string' }] } },
		items: item({ text: 'It opened in 1937.' }),
	},
	'localEngine: text.read': { parameters: {}, items: file(), fileOf: () => Buffer.from('A bridge.') },
	'localEngine: text.transcribe': {
		parameters: { model: { __rl: true, mode: 'name', value: 'scripted' }, speechOutput: 'perPassage' },
		items: file(),
		fileOf: () => Buffer.from('a recording'),
	},
	'localEngine: text.classify': {
		parameters: { ...records, classes: { values: [{ name: 'bridge' }, { name: 'tower' }] } },
		items: item({ text: 'It opened in 1937.' }),
	},
};

/** An engine that gives each operation an answer in its form. */
export const startEngine = async (): Promise<ChatEngine> =>
	await startChatEngine((asked) =>
		JSON.stringify(asked).includes('Extract the requested data') ? '{"year":"1937"}' : 'bridge',
	);

/** Whether an operation is run with an engine. What is about engines themselves reads its fields before it misses one. */
export const asksEngine = (name: string): boolean =>
	(name.startsWith('localEngine') && !name.includes(': engine.')) ||
	/generate|compare|build|^(chatModel|embeddings|reranker): /.test(name);
