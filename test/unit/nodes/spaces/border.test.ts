// Two members of one n8n, each with a space, and a third without: whatever one of them does, nothing of the others is read,
// changed or shown. What an outsider sees is the same whether the others have data or not.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { messageOf, sha256 } from '../../../../lib/support';
import { privateFolder } from '../../../../lib/support/privateFiles';
import type { ChatEngine } from '../../../support/chatEngine';
import { fileSteps } from '../../../support/fileSteps';
import { type ContextOptions, contextOf } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';
import { ChatModel } from '../../../../nodes/ChatModel/ChatModel.node';
import { fieldsOf } from '../../../../nodes/VectorStore/fields';
import { openSearcher } from '../../../../nodes/VectorStore/search';
import { executeTool } from '../../../../nodes/VectorStore/tool';
import { searchIndexes } from '../../../../nodes/shared/lists/searchIndexes';
import { localEngineSpaceApiTest } from '../../../../nodes/shared/runtime/spaceCredentialTest';
import { itemOf } from '../../../../nodes/shared/runtime/run';
import { bases, startEngine } from '../values/bases';
import { operations } from '../tenants/tenants';

jest.setTimeout(300_000);

/** In every text and name of accounting's data. */
const MARK = 'xyzzy';
const KEYS = { accounting: 'key-of-accounting-1', hr: 'key-of-human-resources' };
type Member = keyof typeof KEYS | 'nobody' | 'guesser';
/** Those who do not have the key of accounting. */
const OUTSIDERS = ['nobody', 'hr', 'guesser'] as const;

let engine: ChatEngine;
let template = '';
let snapshot: Buffer | undefined;
const homes: string[] = [];
const before = process.env.N8N_USER_FOLDER;

const spaceOf = (member: Member): object =>
	member === 'guesser'
		? { name: 'accounting', secretKey: 'not-the-key-of-it-at-all' }
		: { name: member, secretKey: member === 'nobody' ? '' : KEYS[member] };

/** The node of a member, with the space's credential selected (or none) and an engine. */
const nodeOf = (member: Member): Pick<ContextOptions, 'node' | 'credentials'> => ({
	node: {
		credentials: {
			localEngineApi: { id: '1', name: 'engine' },
			...(member !== 'nobody' && { localEngineSpaceApi: { id: '2', name: 'space' } }),
		},
	},
	credentials: (type) =>
		type === 'localEngineSpaceApi'
			? spaceOf(member)
			: { dialect: 'openai', baseUrl: engine.url, chatModel: 'm' },
});

const index = { backend: 'embedded', index: `${MARK}-index`, embedding: 'builtinFast' };
const records = { recordBackend: 'sqlite', collection: `${MARK}_records` };
const experiment = { recordBackend: 'sqlite', experiment: `${MARK}-test` };
const item = (json: IDataObject): INodeExecutionData[] => [{ json }];
const variants = {
	values: [
		{ name: 'control', settings: '{}', weight: 1 },
		{ name: 'new', settings: '{}', weight: 1 },
	],
};

/** What each operation is asked; where nothing stands here, as in the test of values. */
const ASKED: Record<string, IDataObject> = {
	'vectorIndex: index.move': { backend: 'qdrant' },
	'vectorIndex: documents.get': { getBy: 'source', source: `${MARK}.md` },
	'vectorIndex: documents.delete': { deleteBy: 'source', source: `${MARK}.md` },
	'vectorIndex: documents.search': { queryFrom: 'text', queryText: 'secret', limit: 5, output: 'perHit' },
	'vectorIndex: index.restore': { index: 'restored', replace: false },
	'vectorIndex: index.drop': { confirm: `${MARK}-index` },
	'vectorIndex: index.cleanUp': { confirm: `${MARK}-index` },
	'vectorIndex: space.drop': { confirm: 'accounting' },
	'vectorStore: load': { queryText: 'secret', topK: 5 },
	'distillation: record.feedback': { recordId: `${MARK}-1` },
	'distillation: record.get': { recordId: `${MARK}-1` },
	'distillation: record.delete': { ids: `${MARK}-1` },
	'distillation: dataSet.build': {
		dataSetName: `${MARK}-set`,
		exportFormat: 'trl-messages',
		fileType: 'jsonl',
		target: 'folder',
		options: {},
	},
};

function parametersOf(name: string): IDataObject {
	const given = bases[name]?.parameters ?? {};
	return {
		...given,
		...('index' in given && index),
		...('collection' in given && { ...records, record: true }),
		...('experiment' in given && experiment),
		...ASKED[name],
	};
}

/** Operations that touch what a space holds: they say where it is kept, or are about spaces. */
const touching = [...operations].filter(
	([name, { fields }]) =>
		name.includes(': space.') ||
		fields.some((field) =>
			['backend', 'recordBackend', 'index', 'collection', 'dataSetName'].includes(field.name),
		),
);

/** A home of n8n's in which accounting has data, or nobody has any. */
function newHome(filled: boolean): string {
	const home = mkdtempSync(path.join(tmpdir(), 'border-'));
	homes.push(home);
	if (filled) cpSync(template, home, { recursive: true });
	process.env.N8N_USER_FOLDER = home;
	return home;
}

const accountingIn = (home: string): string =>
	path.join(home, '.n8n', 'local-engine', 'spaces', 'accounting');

/** Hash of all that is in a folder; databases may get a journal when they are looked at, and nobody else looks. */
function stateOf(folder: string): string {
	if (!existsSync(folder)) return 'gone';
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
		entry.isFile(),
	);
	return sha256(
		...files
			.map((entry) => path.join(entry.parentPath, entry.name))
			.sort()
			.flatMap((file) => [path.relative(folder, file), readFileSync(file)]),
	);
}

/** All that a member gets to see, files unpacked, in one text. */
async function seen(work: () => Promise<unknown>): Promise<string> {
	try {
		return JSON.stringify(await work(), (key, value: unknown) =>
			key === 'data' && typeof value === 'string' ? unpacked(value) : value,
		);
	} catch (error) {
		const { description } = error as { description?: string };
		return `${messageOf(error)} ${description ?? ''}`;
	}
}

function unpacked(base64: string): string {
	const bytes = Buffer.from(base64, 'base64');
	return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
}

async function run(name: string, member: Member): Promise<string> {
	const operation = operations.get(name);
	const base = bases[name];
	if (!operation || !base) throw new Error(`There is no base for "${name}"`);
	return await seen(
		async () =>
			await outputOf(operation, {
				...base,
				...(name === 'vectorIndex: index.restore' && { fileOf: () => snapshot }),
				...nodeOf(member),
				parameters: parametersOf(name),
			}),
	);
}

/** What differs from run to run: times, random ids, the folder. */
const steady = (text: string, home: string): string =>
	text
		.replaceAll(home, 'HOME')
		.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
		.replace(
			/("(?:\w*[mM]s|\w*[sS]econds|p\d+|mean|rate|tokensPerSecond|bytes|startedAt)"):[\d.e-]+/g,
			'$1:0',
		)
		.replace(
			/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{12}\b|[0-9a-f]{64}/g,
			'ID',
		);

beforeAll(async () => {
	engine = await startEngine();
	template = mkdtempSync(path.join(tmpdir(), 'border-template-'));
	process.env.N8N_USER_FOLDER = template;
	const as = async (name: string, parameters: IDataObject, items: INodeExecutionData[]) => {
		const operation = operations.get(name);
		return operation ? await outputOf(operation, { ...nodeOf('accounting'), parameters, items }) : [];
	};
	await as(
		'vectorIndex: documents.sync',
		index,
		['', '2', '3'].map((each) => ({
			json: { source: `${MARK}${each}.md`, text: `The secret ${each} is ${MARK}.` },
		})),
	);
	const [taken] = await as('vectorIndex: index.snapshot', index, item({}));
	snapshot = Buffer.from(taken?.binary?.data?.data ?? '', 'base64');
	for (let each = 1; each <= 12; each++)
		await as(
			'distillation: record.add',
			{ ...records, mapping: 'fields', promptField: 'q', answerField: 'a', idField: 'id' },
			item({
				id: `${MARK}-${each}`,
				q: `Question ${each} about ${MARK}, long enough`,
				a: `Answer ${each} about ${MARK}, long enough`,
			}),
		);
	await as('experiment: unit.assign', { ...experiment, variants }, item({ userId: MARK }));
	await as(
		'experiment: unit.outcome',
		{ ...experiment, outcomes: { values: [{ metric: MARK, value: 'yes' }] } },
		item({ userId: MARK }),
	);
});

afterAll(async () => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	for (const home of [...homes, template]) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
	await engine.close();
});

it('is tried with every operation that touches what a space holds', () => {
	expect(touching.map(([name]) => name).filter((name) => !(name in bases))).toEqual([]);
	expect(touching.length).toBeGreaterThanOrEqual(40);
});

describe.each(touching.map(([name]) => name))('%s', (name) => {
	it('works on what the own space holds', async () => {
		const home = newHome(true);
		const state = stateOf(accountingIn(home));
		const others = steady(await run(name, 'hr'), home);
		const own = steady(await run(name, 'accounting'), home);
		// It shows something that others do not see, or changes what is stored: else the tests below would show nothing.
		if (!CONTROLS.has(name)) expect(own !== others || stateOf(accountingIn(home)) !== state).toBe(true);
	});

	it.each(OUTSIDERS)('shows and changes nothing of another space for %s', async (member) => {
		const home = newHome(true);
		const state = stateOf(accountingIn(home));
		// Rights of files are put right at the first use in a process, whosever they are.
		await privateFolder(path.join(home, '.n8n', 'local-engine'));
		const { result, steps } = await fileSteps(home, async () => await run(name, member));
		const sight = steady(result, home);
		expect(stateOf(accountingIn(home))).toBe(state);
		expect(sight).not.toContain('secret');
		expect(sight).not.toContain(`about ${MARK}`);
		if (member === 'guesser') {
			expect(sight).toMatch(/cannot be opened with this key|needs a|administrator only|no Previous Key/);
			return;
		}
		const empty = newHome(false);
		await privateFolder(path.join(empty, '.n8n', 'local-engine'));
		const without = await fileSteps(empty, async () => await run(name, member));
		expect(sight).toBe(steady(without.result, empty));
		// Nor does the time tell: the same work is done, and the folder of the space is not looked at.
		expect(steps).toEqual(without.steps);
		expect(steps.filter((step) => step.includes('spaces/accounting'))).toEqual([]);
	});
});

/** Operations that need more than a key (the administrator's, a previous key), or whose data lies in the default space. */
const CONTROLS = new Set([
	'vectorIndex: space.list',
	'vectorIndex: space.changeKey',
	'vectorIndex: space.moveIndex',
	'distillation: record.moveToSpace',
	'distillation: dataSet.moveToSpace',
	'experiment: experiment.moveToSpace',
]);

describe('what is no operation', () => {
	const tries: Record<string, (member: Member) => Promise<unknown>> = {
		'the drop-down of indexes': async (member) =>
			await searchIndexes.call({
				...contextOf({ ...nodeOf(member), parameters: index }),
				getCurrentNodeParameter: () => 'embedded',
			} as never),
		'the store as a sub-node': async (member) => {
			const context = contextOf({ ...nodeOf(member), parameters: { ...index, mode: 'retrieve' } });
			const searcher = await openSearcher(itemOf(context, fieldsOf('retrieve'), 0), context as never);
			return await searcher.search('secret', { limit: 3 });
		},
		'the tool of an agent and of the MCP server': async (member) =>
			await outputOf(
				{ fields: fieldsOf('retrieve-as-tool'), execute: executeTool },
				{
					...nodeOf(member),
					parameters: { ...index, mode: 'retrieve-as-tool', topK: 3 },
					items: item({ question: 'secret' }),
				},
			),
		'an index that the caller of a webhook names': async (member) => {
			const operation = operations.get('vectorIndex: documents.search');
			return (
				operation &&
				(await outputOf(operation, {
					...nodeOf(member),
					parameters: {
						...index,
						index: 'other',
						queryFrom: 'text',
						queryText: 'secret',
						output: 'perHit',
						options: { indexNameField: 'index' },
					},
					items: item({ index: `${MARK}-index` }),
				}))
			);
		},
	};

	it.each(Object.entries(tries))('%s', async (_, attempt) => {
		const home = newHome(true);
		expect(await seen(async () => await attempt('accounting'))).toContain(MARK);
		const state = stateOf(accountingIn(home));
		const sights: Array<[Member, string]> = [];
		for (const member of OUTSIDERS) sights.push([member, await seen(async () => await attempt(member))]);
		expect(stateOf(accountingIn(home))).toBe(state);
		newHome(false);
		for (const [member, sight] of sights) {
			expect(sight).not.toContain('secret');
			if (member === 'guesser') expect(sight).toContain('cannot be opened with this key');
			else expect(sight).toBe(await seen(async () => await attempt(member)));
		}
	});

	it('a chat model that records', async () => {
		const home = newHome(true);
		const model = async (member: Member) => {
			const context = contextOf({
				...nodeOf(member),
				parameters: { ...records, record: true, model: { mode: 'id', value: 'm' } },
			});
			const { response } = await new ChatModel().supplyData.call(
				{ ...context, addInputData: () => ({ index: 0 }), addOutputData: () => undefined } as never,
				0,
			);
			await (response as { invoke: (text: string) => Promise<unknown> }).invoke('Hello');
		};
		const state = stateOf(accountingIn(home));
		for (const member of OUTSIDERS) await model(member);
		expect(stateOf(accountingIn(home))).toBe(state);
		await model('accounting');
		expect(stateOf(accountingIn(home))).not.toBe(state);
	});

	it('the test of the credential', async () => {
		newHome(true);
		const test = async (member: Member) =>
			await localEngineSpaceApiTest({ id: '2', name: 'space', type: 'x', data: spaceOf(member) } as never);
		expect(await test('accounting')).toMatchObject({ status: 'OK' });
		expect(await test('guesser')).toMatchObject({ status: 'Error' });
	});

	it('a data set into the folder of another space', async () => {
		const home = newHome(true);
		process.env.N8N_RESTRICT_FILE_ACCESS_TO = home;
		const folder = path.join(accountingIn(home), 'distillation', 'data-sets', 'set');
		const operation = operations.get('distillation: dataSet.build');
		const parameters = { ...parametersOf('distillation: dataSet.build'), folder };
		const build = async (member: Member) =>
			await seen(
				async () =>
					operation && (await outputOf(operation, { ...nodeOf(member), parameters, items: item({}) })),
			);
		const state = stateOf(accountingIn(home));
		// They have records of their own to build from.
		for (const member of ['hr', 'nobody'] as const) await run('distillation: record.add', member);
		expect(await build('hr')).toContain('is not inside an allowed folder');
		expect(await build('nobody')).toContain('is not inside an allowed folder');
		expect(stateOf(accountingIn(home))).toBe(state);
		expect(await build('accounting')).toContain('"rows"');
		delete process.env.N8N_RESTRICT_FILE_ACCESS_TO;
	});
});

describe('the default space', () => {
	it('is closed where the administrator says so, for everything', async () => {
		newHome(true);
		process.env.LOCAL_ENGINE_DEFAULT_SPACE = 'closed';
		try {
			for (const [name] of touching) {
				// Those that need a space refuse before they look for the default one.
				if (/: space\.|\.moveToSpace$/.test(name)) continue;
				const sight = await run(name, 'nobody');
				expect([name, sight]).toEqual([name, expect.stringContaining('default space is closed')]);
			}
			expect(await run('vectorIndex: documents.search', 'accounting')).toContain(MARK);
		} finally {
			delete process.env.LOCAL_ENGINE_DEFAULT_SPACE;
		}
	});

	it('hands an index over to a space', async () => {
		const home = newHome(false);
		await run('vectorIndex: documents.sync', 'nobody');
		expect(await run('vectorIndex: index.list', 'hr')).toBe('[]');
		expect(await run('vectorIndex: space.moveIndex', 'hr')).toContain('"rows":1');
		expect(await run('vectorIndex: index.list', 'hr')).toContain(`${MARK}-index`);
		expect(await run('vectorIndex: index.list', 'nobody')).toBe('[]');
		expect(await run('vectorIndex: space.moveIndex', 'hr')).toContain('There is no index named');
		expect(readdirSync(path.join(home, '.n8n', 'local-engine', 'spaces'))).toEqual(['hr']);
	});
});
