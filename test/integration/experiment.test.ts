// An A/B test in a real n8n: webhooks assign users, record what came of them, report, end. SQLite, and Postgres.
import { randomUUID } from 'node:crypto';
import { assignVariant, ExperimentStore, type Assignment } from '../../lib/experiment';
import { sharedHost, type N8nClient } from '../support/n8n';
import { publishNode, type Credentials } from '../support/oneNode';
import { randomSource } from '../support/random';
import { startPostgres, type TestPostgres } from './distillation/postgres';

jest.setTimeout(180_000);

let client: N8nClient;
beforeAll(async () => {
	({ client } = await sharedHost());
});

const variants = [
	{ name: 'long', settings: '{ "prompt": "Answer in full." }', weight: 1 },
	{ name: 'short', settings: '{ "prompt": "Answer in one sentence." }', weight: 1 },
];

/** The four operations of a test, as workflows. */
async function publishAll(experiment: string, more: Record<string, unknown>, credentials?: Credentials) {
	const shared = { experiment, recordBackend: 'sqlite', ...more };
	const unit = { resource: 'unit', unitField: 'user', ...shared };
	const whole = { resource: 'experiment', ...shared };
	const asked = {
		metric: 'solved',
		smallestEffect: 0.1,
		guardrails: { values: [{ metric: 'seconds', better: 'lower', tolerated: 0.5 }] },
	};
	const page = { responseData: 'firstEntryBinary', responseBinaryPropertyName: 'page' };
	const own = { credentials };
	return {
		assign: await publishNode(
			client,
			'experiment',
			{ ...unit, operation: 'assign', variants: { values: variants } },
			own,
		),
		record: await publishNode(
			client,
			'experiment',
			{
				...unit,
				operation: 'outcome',
				outcomes: {
					values: [
						{ metric: 'solved', value: '={{ $json.solved }}' },
						{ metric: 'seconds', value: '={{ $json.seconds }}' },
					],
				},
			},
			own,
		),
		report: await publishNode(client, 'experiment', { ...whole, operation: 'report', ...asked }, own),
		page: await publishNode(
			client,
			'experiment',
			{ ...whole, operation: 'report', ...asked },
			{ ...own, answer: page },
		),
		end: await publishNode(
			client,
			'experiment',
			{ ...whole, operation: 'end', winner: '={{ $json.winner }}' },
			own,
		),
		remove: await publishNode(client, 'experiment', { ...whole, operation: 'delete' }, own),
	};
}

test('assign, record, report, end and delete by webhook', async () => {
	const experiment = `prompt ${randomUUID()}`;
	const call = await publishAll(experiment, {});
	const users = Array.from({ length: 900 }, (_, index) => ({ user: `user-${index}` }));

	const assigned = await call.assign(users);
	expect(assigned.status).toBe(200);
	expect(assigned.json).toHaveLength(900);
	for (const { user, experiment: given } of assigned.json as Array<{
		user: string;
		experiment: { variant: string; settings: { prompt: string } };
	}>) {
		expect(given.variant).toBe(assignVariant(experiment, user, variants));
		expect(given.settings.prompt).toBe(
			given.variant === 'long' ? 'Answer in full.' : 'Answer in one sentence.',
		);
	}
	const again = (await call.assign(users.slice(0, 3))).json as Array<{ experiment: Assignment }>;
	expect(again.map(({ experiment: given }) => given.isNew)).toEqual([false, false, false]);

	// The short prompt solves far more, and is a little slower.
	const random = randomSource();
	const outcomes = users.map(({ user }) => {
		const isShort = assignVariant(experiment, user, variants) === 'short';
		return { user, solved: random() < (isShort ? 0.8 : 0.4), seconds: random() + (isShort ? 1.1 : 1) };
	});
	const recorded = (await call.record(outcomes)).json as Array<{ recorded: string[] }>;
	expect(recorded.every(({ recorded: metrics }) => metrics.join() === 'solved,seconds')).toBe(true);
	// A webhook that is sent twice, one with a value that is none, and one of somebody unknown.
	const [twice, wrong, unknown] = (
		await call.record([outcomes[0], { user: 'user-1', solved: 'maybe' }, { user: 'nobody', solved: true }])
	).json;
	expect(twice).toMatchObject({ recorded: [], known: ['solved', 'seconds'] });
	expect(wrong).toMatchObject({ error: expect.stringContaining('but is "maybe"') as string });
	expect(unknown).toMatchObject({ variant: null, skipped: ['seconds'] });

	const [report] = (await call.report([{}])).json;
	expect(report).toMatchObject({
		decision: 'winner',
		winner: 'short',
		split: { broken: false },
		unassigned: 1,
		comparisons: [{ verdict: 'better', guardrails: [{ metric: 'seconds', state: 'safe' }] }],
	});
	expect(report.comparisons[0].primary.low).toBeGreaterThan(0.2);
	expect(report.comparisons[0].primary.p).toBeLessThan(0.001);

	const page = await call.page([{}]);
	expect(page.headers.get('content-type')).toContain('text/html');
	expect(page.text).toContain('There is a winner: short');
	expect(page.text.match(/<svg/g)).toHaveLength(2);

	expect((await call.end([{ winner: report.winner }])).json).toMatchObject([{ winner: 'short' }]);
	const after = (await call.assign([{ user: 'newcomer-1' }, { user: 'newcomer-2' }, { user: 'newcomer-3' }]))
		.json;
	for (const { experiment: given } of after) expect(given).toMatchObject({ variant: 'short', ended: true });

	expect((await call.remove([{}])).json).toMatchObject([{ units: 900, outcomes: 1801 }]);
	expect((await call.report([{}])).json).toMatchObject([
		{ error: expect.stringContaining('There is no experiment') as string, details: { statusCode: 404 } },
	]);
});

describe('with Postgres', () => {
	let postgres: TestPostgres | string;
	beforeAll(async () => {
		postgres = await startPostgres();
	});
	afterAll(async () => {
		if (typeof postgres !== 'string') await postgres.stop();
	});

	test('the same, by n8n’s own credential; and two machines at once agree', async () => {
		if (typeof postgres === 'string') {
			console.warn(`Not tested: ${postgres}`);
			return;
		}
		const { host, port, database, user, password } = postgres.address;
		const { id } = await client.createCredential({
			name: 'experiments',
			type: 'postgres',
			data: { host, port, database, user, password, ssl: 'disable' },
		});
		const experiment = 'prompt';
		const call = await publishAll(
			experiment,
			{ recordBackend: 'postgres' },
			{ postgres: { id, name: 'experiments' } },
		);
		const users = Array.from({ length: 300 }, (_, index) => ({ user: `user-${index}` }));
		const fromN8n = (await call.assign(users)).json as Array<{ experiment: Assignment }>;

		// Two other machines, one with a third variant: what was stored first holds for all.
		const address = { ...postgres.address, backend: 'postgres' as const, host: host ?? '' };
		const machines = [await ExperimentStore.open(address), await ExperimentStore.open(address)];
		const names = Array.from({ length: 600 }, (_, index) => `user-${index}`);
		const [first = [], second = []] = await Promise.all(
			machines.map((machine, index) =>
				machine.assign(experiment, index === 0 ? variants : [...variants, { name: 'third' }], names),
			),
		);
		fromN8n.forEach(({ experiment: { variant } }, index) => expect(first[index]?.variant).toBe(variant));
		const stored = (await machines[0]?.assign(experiment, [...variants, { name: 'third' }], names)) ?? [];
		stored.forEach(({ variant }, index) => {
			expect(second[index]?.variant).toBe(variant);
			if (variant !== 'third') expect(first[index]?.variant).toBe(variant);
		});

		const outcomes = users.map(({ user: name }, index) => ({ user: name, solved: index % 2, seconds: 1.5 }));
		await call.record(outcomes);
		const [report] = (await call.report([{}])).json;
		const total = report.variants.reduce(
			(sum: number, { metrics }: { metrics: { solved: { n: number } } }) => sum + metrics.solved.n,
			0,
		);
		expect(total).toBe(300);
		expect(report.variants.map(({ assigned }: { assigned: number }) => assigned)).toEqual([
			...variants.map(({ name }) => stored.filter(({ variant }) => variant === name).length),
			...(report.variants.length === 3 ? [stored.filter(({ variant }) => variant === 'third').length] : []),
		]);
		for (const machine of machines) await machine.close();
		expect((await call.remove([{}])).json).toMatchObject([{ units: 600, outcomes: 600 }]);
	});
});
