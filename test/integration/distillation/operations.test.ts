// Every operation of the Distillation node in a real n8n, with a scripted engine and with a real Postgres, right input and wrong.
import { sharedHost, type N8nClient } from '../../support/n8n';
import { startPostgres, type TestPostgres } from './postgres';
import { engineCredential, startScriptedEngine, type Asked, type ScriptedEngine } from './scriptedEngine';

jest.setTimeout(240_000);

let client: N8nClient;
let engine: ScriptedEngine;
let postgres: TestPostgres | string;
let credentials: Record<string, { id: string; name: string }> = {};

/** Teacher and student know capitals; the judge scores what names Bern 5 and all else 2; passages become a pair. */
function answer({ model, messages }: Asked): string {
	const system = messages[0]?.content ?? '';
	const asked = messages.at(-1)?.content ?? '';
	if (system.startsWith('You judge')) {
		if (asked.includes('<answer B>')) return '{"reason":"The same.","better":"tie"}';
		const [, given = ''] = asked.split('<answer>');
		return `{"reason":"Looked at.","score":${given.includes('Bern') ? 5 : 2}}`;
	}
	if (system.startsWith('Write one question') && asked.includes('No pair'))
		return '{"question":"","answer":""}';
	if (system.startsWith('Write one question'))
		return '{"question":"Where is the key?","answer":"Behind the door."}';
	return asked.includes('Switzerland') ? 'It is Bern.' : `${model} does not say ${asked.length}.`;
}

beforeAll(async () => {
	({ client } = await sharedHost());
	engine = await startScriptedEngine(answer);
	postgres = await startPostgres();
	if (typeof postgres === 'string') console.warn(`The node with Postgres is not tested: ${postgres}.`);
	const { id } = await client.createCredential(engineCredential(engine.url));
	credentials = { localEngineApi: { id, name: 'engine' } };
});
afterAll(async () => {
	engine.stop();
	if (typeof postgres !== 'string') await postgres.stop();
});

/** A published flow: the webhook's list under `items` → the node → its items. Resolves to a function that calls it. */
async function flow(
	name: string,
	parameters: Record<string, unknown>,
	more: { readonly credentials?: typeof credentials; readonly file?: boolean } = {},
) {
	const path = `distillation-${name}`;
	const node = (id: string, type: string, typeVersion: number, settings: Record<string, unknown>) => ({
		id,
		name: id,
		type,
		typeVersion,
		position: [0, 0],
		parameters: settings,
	});
	const nodes = [
		{
			...node('Webhook', 'n8n-nodes-base.webhook', 2.1, {
				httpMethod: 'POST',
				path,
				responseMode: 'lastNode',
				responseData: 'allEntries',
				options: {},
			}),
			webhookId: path,
		},
		node('Items', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.items', options: {} }),
		...(more.file === true
			? [
					node('File', 'n8n-nodes-base.convertToFile', 1.1, {
						operation: 'toText',
						sourceProperty: 'log',
						options: { fileName: 'log.jsonl' },
					}),
				]
			: []),
		{
			...node('Distillation', 'n8n-nodes-local-engine.distillation', 1, {
				recordBackend: 'sqlite',
				collection: 'operations',
				...parameters,
			}),
			credentials: more.credentials ?? {},
			onError: 'continueRegularOutput',
		},
	];
	const connections = Object.fromEntries(
		nodes
			.slice(0, -1)
			.map(({ name: from }, position) => [
				from,
				{ main: [[{ node: nodes[position + 1]?.name, type: 'main', index: 0 }]] },
			]),
	);
	await client.importAndPublish({ id: path, name: path, nodes, connections });
	return async (items: object[] = [{}]) => {
		const { status, json } = await client.webhook(path, { items });
		expect([status, status === 200 ? '' : json]).toEqual([200, '']);
		return json as Array<Record<string, unknown>>;
	};
}

const record = (operation: string, more: object = {}) => ({ resource: 'record', operation, ...more });
const dataSet = (operation: string, more: object = {}) => ({ resource: 'dataSet', operation, ...more });

test('Import reads a log and names its bad lines, Feedback corrects, Figures count both', async () => {
	const importLog = await flow('import', record('import', { licence: 'apache-2.0' }), { file: true });
	const line = (question: string) =>
		JSON.stringify({
			messages: [
				{ role: 'user', content: question },
				{ role: 'assistant', content: 'Yes.' },
			],
		});
	const log = [line('One?'), '{"messages": [', line('Two?'), '{"headers": {"x": 1}}'].join('\n');
	const [imported] = await importLog([{ log }]);
	expect(imported).toMatchObject({ added: 2, known: 0, badLines: 2, bad: [{ line: 2 }, { line: 4 }] });
	expect(await importLog([{ log }])).toMatchObject([{ added: 0, known: 2 }]);
	expect(await importLog([{ log: 'no log at all' }])).toMatchObject([
		{ error: expect.stringContaining('Line 1: not valid JSON') },
	]);

	const add = await flow('add', record('add', { mapping: 'auto' }));
	const [added] = await add([
		{ id: 'secret', prompt: 'Which key?', answer: 'A', headers: { authorization: 'Bearer abcdefghijkl123' } },
	]);
	expect(added).toMatchObject({ id: 'secret' });
	expect(await add([{ nothing: true }])).toMatchObject([{ error: expect.any(String) }]);

	const feedback = await flow('feedback', record('feedback', { correction: 'The blue one.', thumb: '' }));
	expect(await feedback([{ record: 'secret' }])).toMatchObject([{ record: 'secret', added: true }]);
	expect(await feedback([{ record: 'secret' }])).toMatchObject([{ added: false }]);
	expect(await feedback([{ other: 1 }])).toMatchObject([
		{ error: expect.stringContaining('"Record ID" has no value') },
	]);

	const figures = await flow(
		'figures',
		record('figures', { options: { teacherPrice: 3, studentPrice: 1, tokens: 'counted' } }),
	);
	const [found] = await figures();
	expect(found).toMatchObject({
		records: 3,
		answered: 3,
		corrected: 1,
		tokensAre: 'counted',
		byFinishReason: { stop: 3 },
		cost: { teacher: expect.any(Number), saved: expect.any(Number) },
	});
	expect(JSON.stringify(found)).not.toContain('abcdefghijkl123');
	const wrong = await flow('figures-wrong', record('figures', { collection: '../escape' }));
	expect(await wrong()).toMatchObject([{ error: expect.stringContaining('"../escape"') }]);
});

test('Generate asks each question once, keeps alternatives, makes pairs of passages, and refuses licences and empty items', async () => {
	const generate = await flow(
		'generate',
		dataSet('generate', { collection: 'generated', model: 'teacher', options: { logprobs: 2 } }),
		{ credentials },
	);
	const items = [{ text: 'Capital of Switzerland?' }, { text: 'Capital of nowhere?' }];
	const rows = await generate(items);
	expect(rows.map(({ outcome, answer: text }) => [outcome, text])).toEqual([
		['answered', 'It is Bern.'],
		['answered', 'teacher does not say 19.'],
	]);
	expect(engine.asked.at(-1)).toMatchObject({ logprobs: true, top_logprobs: 2 });
	const before = engine.asked.length;
	expect((await generate(items)).map(({ outcome }) => outcome)).toEqual(['known', 'known']);
	expect(engine.asked.length).toBe(before);
	expect(await generate([{ text: '   ' }, ...items.slice(0, 1)])).toMatchObject([
		{ error: expect.stringContaining('empty') },
		{ outcome: 'known' },
	]);

	const white = await flow(
		'white',
		dataSet('build', {
			collection: 'generated',
			exportFormat: 'axolotl-logprobs',
			dataSetName: 'white',
			options: { testShare: 0, validationShare: 0 },
		}),
	);
	expect(await white()).toMatchObject([{ rows: 2, skipped: {} }]);

	const passages = await flow(
		'passages',
		dataSet('generate', { collection: 'pairs', promptKind: 'passage' }),
		{
			credentials,
		},
	);
	const passage = { text: 'The key hangs behind the door.', source: 'keys.md' };
	const pair = { question: 'Where is the key?', answer: 'Behind the door.' };
	expect(await passages([passage, { text: 'No pair here.' }])).toMatchObject([
		{ outcome: 'answered', ...pair },
		{ outcome: 'rejected', reason: 'the teacher gave no question with an answer' },
	]);
	expect(await passages([passage])).toMatchObject([{ outcome: 'known', ...pair }]);
	const kept = await flow('pairs-kept', record('figures', { collection: 'pairs' }));
	expect(await kept()).toMatchObject([{ records: 1 }]);
	const forbidden = await flow('forbidden', dataSet('generate', { licence: 'Llama-3-community' }), {
		credentials,
	});
	expect(await forbidden(items)).toMatchObject(
		items.map(() => ({ error: expect.stringContaining('does not allow this') })),
	);
});

test('Build asks an embedding for paraphrases of the evaluation and a judge for scores, and says what is missing', async () => {
	const add = await flow('add-judged', record('add', { mapping: 'auto', collection: 'judged' }));
	await add([
		{ id: 'good', prompt: 'Capital of Switzerland?', answer: 'It is Bern.', labels: { topic: 'a' } },
		{
			id: 'poor',
			prompt: 'Which tax forms do firms file each spring?',
			answer: 'None.',
			labels: { topic: 'a' },
		},
		{
			id: 'more',
			prompt: 'Name the seat of the Swiss parliament.',
			answer: 'Bern, by the Aare.',
			labels: { topic: 'a' },
		},
		{
			id: 'paraphrase',
			prompt: 'How many litres of water does a person need to drink each day to remain in good health?',
			answer: 'About two.',
			labels: { topic: 'b' },
		},
	]);
	const build = async (name: string, options: object, with_ = credentials) =>
		await flow(name, dataSet('build', { collection: 'judged', dataSetName: name, options }), {
			credentials: with_,
		});
	const judged = await build('judged', {
		evaluationField: 'evaluation',
		paraphrases: 'builtinFast',
		judgeRubric: 'Names Bern.',
		label: 'topic',
		perLabel: 1,
		template: 'llama3',
		tokens: 'counted',
	});
	const evaluation = [
		'How many litres of water should a person drink every day in order to stay in good health?',
	];
	const [built] = await judged([{ evaluation }]);
	expect(built).toMatchObject({ rows: 1, tokensAre: 'counted', funnel: { input: 4, kept: 1 } });
	expect(built?.rejected).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ id: 'paraphrase', gate: 'contamination', reason: 'paraphrase' }),
			expect.objectContaining({ id: 'poor', gate: 'score', reason: 'lowScore' }),
			expect.objectContaining({ gate: 'balance', reason: 'perLabel' }),
		]),
	);
	expect(await judged([{}])).toMatchObject([{ error: expect.stringContaining('"evaluation"') }]);
	const noJudge = await build('no-judge', { judgeRubric: 'Good.' }, {});
	expect(await noJudge()).toMatchObject([{ error: expect.stringContaining('A judge needs an engine') }]);
	const half = await build('half', { perLabel: 3 });
	expect(await half()).toMatchObject([{ error: expect.stringContaining('To balance a label') }]);
	const outside = await flow(
		'outside',
		dataSet('build', { collection: 'judged', folder: '/etc/local-engine-set' }),
	);
	expect(await outside()).toMatchObject([{ error: expect.stringContaining('not inside an allowed folder') }]);
});

test('Compare judges the student over the held-back records, and says so when there is no such collection', async () => {
	const add = await flow('add-compare', record('add', { mapping: 'auto', collection: 'compared' }));
	await add(
		Array.from({ length: 40 }, (_, number) => ({
			id: `c${number}`,
			prompt: `Capital of Switzerland, question ${number * 7919}?`,
			answer: 'It is Bern.',
		})),
	);
	const options = { testShare: 0.5, nearDuplicates: 'group' };
	const compare = await flow(
		'compare',
		dataSet('compare', { collection: 'compared', student: 'student', judge: 'judge', options }),
		{ credentials },
	);
	const [report] = await compare();
	expect(report).toMatchObject({
		student: { exact: { mean: 1 }, judge: { mean: 1 }, failed: 0 },
		verdict: expect.stringMatching(/good enough|undecided/),
	});
	expect(Number(report?.records)).toBeGreaterThanOrEqual(10);
	const none = await flow('compare-none', dataSet('compare', { collection: 'empty', student: 'student' }), {
		credentials,
	});
	expect(await none()).toMatchObject([{ error: expect.stringContaining('There is no collection "empty"') }]);
});

test('records live in Postgres through n8n’s own credential, and a wrong password is told without repeating it', async () => {
	if (typeof postgres === 'string') return;
	const { host, port, database, user, password } = postgres.address;
	const credential = async (secret: string | undefined) => {
		const data = {
			host,
			port,
			database,
			user,
			password: secret,
			ssl: 'disable',
			sshTunnel: false,
			maxConnections: 5,
		};
		const { id } = await client.createCredential({ name: 'postgres', type: 'postgres', data });
		return { postgres: { id, name: 'postgres' } };
	};
	const right = { credentials: await credential(password) };
	const place = { recordBackend: 'postgres', collection: 'in_postgres' };
	const add = await flow('postgres-add', record('add', { mapping: 'auto', ...place }), right);
	const items = Array.from({ length: 20 }, (_, number) => ({
		id: `p${number}`,
		prompt: `Question ${number ** 3} of ${number ** 5}?`,
		answer: `Answer ${number ** 4}, for ${number ** 2} reasons.`,
	}));
	expect(await add(items)).toHaveLength(20);
	await add(items);
	const feedback = await flow('postgres-feedback', record('feedback', { thumb: 'down', ...place }), right);
	expect(await feedback([{ record: 'p3' }])).toMatchObject([{ added: true }]);
	const figures = await flow('postgres-figures', record('figures', place), right);
	expect(await figures()).toMatchObject([{ records: 20, answered: 20 }]);
	const build = await flow('postgres-build', dataSet('build', { ...place, dataSetName: 'postgres' }), right);
	expect(await build()).toMatchObject([{ funnel: { input: 20 } }]);
	const wrong = await flow('postgres-wrong', record('figures', place), {
		credentials: await credential('wrong-secret-1234'),
	});
	const [refused] = await wrong();
	expect(refused).toMatchObject({ error: expect.stringContaining('Postgres refused') });
	expect(JSON.stringify(refused)).not.toContain('wrong-secret-1234');
});
