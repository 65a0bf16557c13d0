// Two spaces on one real n8n, opened by two credentials: neither sees anything of the other, nor does a node without one.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sharedHost, type N8nClient } from '../support/n8n';
import { publishNode, type Credentials } from '../support/oneNode';

jest.setTimeout(300_000);

const run = randomUUID().slice(0, 8);
const MARK = `mark${run}`;
const SPACES = { accounting: `accounting-${run}`, hr: `hr-${run}` };
type Member = keyof typeof SPACES | 'nobody' | 'guesser';
const KEYS = {
	accounting: `key-of-accounting-${run}`,
	hr: `key-of-hr-${run}`,
	guesser: `key-of-nobody-${run}`,
};

let client: N8nClient;
let home: string;
const credentials: Partial<Record<Member, Credentials>> = {};

const dataOf = (member: keyof typeof KEYS) => ({
	name: member === 'guesser' ? SPACES.accounting : SPACES[member],
	secretKey: KEYS[member],
	previousSecretKey: '',
});

beforeAll(async () => {
	({ client, home } = await sharedHost());
	for (const member of ['accounting', 'hr', 'guesser'] as const) {
		const name = `space of ${member} ${run}`;
		const { id } = await client.createCredential({ name, type: 'localEngineSpaceApi', data: dataOf(member) });
		credentials[member] = { localEngineSpaceApi: { id, name } };
	}
});

async function ask(
	member: Member,
	type: string,
	parameters: Record<string, unknown>,
	list: unknown[] = [{}],
): Promise<string> {
	const call = await publishNode(client, type, parameters, { credentials: credentials[member] });
	return JSON.stringify((await call(list)).json);
}

const index = { backend: 'embedded', index: { __rl: true, mode: 'name', value: MARK } };
const search = {
	...index,
	resource: 'documents',
	operation: 'search',
	queryFrom: 'text',
	queryText: 'secret',
	output: 'perHit',
	options: {},
};
const records = { recordBackend: 'sqlite', collection: MARK };

test('the test of the credential opens the space, refuses a wrong key, and offers one where there is none', async () => {
	const test = async (member: keyof typeof KEYS, secretKey = KEYS[member]): Promise<string> =>
		JSON.stringify(
			await client.rest('POST', '/credentials/test', {
				credentials: {
					id: credentials[member]?.localEngineSpaceApi?.id,
					name: `space of ${member} ${run}`,
					type: 'localEngineSpaceApi',
					data: { ...dataOf(member), secretKey },
				},
			}),
		);
	expect(await test('accounting')).toContain('is open');
	expect(await test('guesser')).toContain('cannot be opened with this key');
	expect(await test('hr', '')).toMatch(/made for you just now: [\w-]{32}/);
	const kept = readFileSync(
		path.join(home, '.n8n', 'local-engine', 'spaces', SPACES.accounting, 'space.json'),
		'utf8',
	);
	expect(kept).not.toContain(KEYS.accounting);
});

test('an index, a collection and an experiment of one are not there for others', async () => {
	const stored = await ask(
		'accounting',
		'vectorIndex',
		{ ...index, resource: 'documents', operation: 'sync', embedding: 'builtinFast', options: {} },
		[{ source: `${MARK}.md`, text: `The secret of ${MARK}.` }],
	);
	expect(stored).toContain('"added"');
	expect(await ask('accounting', 'vectorIndex', search)).toContain(`The secret of ${MARK}.`);
	await ask(
		'accounting',
		'distillation',
		{
			...records,
			resource: 'record',
			operation: 'add',
			mapping: 'fields',
			promptField: 'q',
			answerField: 'a',
			options: {},
		},
		[{ q: `Question about ${MARK}`, a: 'An answer.' }],
	);
	const figures = { ...records, resource: 'record', operation: 'figures', options: {} };
	expect(await ask('accounting', 'distillation', figures)).toContain('"records":1');
	await ask(
		'accounting',
		'experiment',
		{
			recordBackend: 'sqlite',
			experiment: MARK,
			resource: 'unit',
			operation: 'assign',
			unitField: 'user',
			variants: {
				values: ['control', 'new'].map((name) => ({ name, settings: '{}', weight: 1 })),
			},
			options: {},
		},
		[{ user: 'ada' }],
	);
	const list = { recordBackend: 'sqlite', resource: 'experiment', operation: 'list', options: {} };
	expect(await ask('accounting', 'experiment', list)).toContain(MARK);

	for (const member of ['hr', 'nobody'] as const) {
		expect(await ask(member, 'vectorIndex', search)).toContain(`There is no index named \\"${MARK}\\"`);
		const indexes = { backend: 'embedded', resource: 'index', operation: 'list', options: {} };
		expect(await ask(member, 'vectorIndex', indexes)).not.toContain(MARK);
		expect(await ask(member, 'distillation', figures)).toContain('There is no collection');
		expect(await ask(member, 'experiment', list)).not.toContain(MARK);
	}
	for (const [type, parameters] of [
		['vectorIndex', search],
		['distillation', figures],
		['experiment', list],
	] as const) {
		const answer = await ask('guesser', type, parameters);
		expect(answer).toContain('cannot be opened with this key');
		expect(answer).toContain('"statusCode":403');
	}
	expect(readdirSync(path.join(home, '.n8n', 'local-engine', 'spaces'))).toEqual(
		expect.arrayContaining([SPACES.accounting, SPACES.hr]),
	);
});

test('the drop-down shows the indexes of the credential', async () => {
	const shown = async (member: Member): Promise<string> =>
		JSON.stringify(
			await client.rest('POST', '/dynamic-node-parameters/resource-locator-results', {
				path: 'parameters.index',
				methodName: 'searchIndexes',
				nodeTypeAndVersion: { name: 'n8n-nodes-local-engine.vectorIndex', version: 1 },
				currentNodeParameters: { ...index, resource: 'documents', operation: 'search' },
				credentials: credentials[member],
			}),
		);
	expect(await shown('accounting')).toContain(MARK);
	expect(await shown('hr')).not.toContain(MARK);
	expect(await shown('nobody')).not.toContain(MARK);
	await expect(shown('guesser')).rejects.toThrow('cannot be opened with this key');
});
