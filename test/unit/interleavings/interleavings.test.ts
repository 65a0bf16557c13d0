// Four processes that live long work on one index at random: each read is a state that some order of their operations allows.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIndex, dropIndex, type IndexAddress } from '../../../lib/vectorIndex';
import { randomSource } from '../../support/random';
import { WordEmbedder } from '../../support/wordEmbedder';
import { problemsOf, type Done } from './history';
import { randomOperation, type Answer, type Operation, type Task } from './operations';

/** `npm test -- faults` has 1,000. */
const RUNS = Number(process.env.INTERLEAVINGS ?? 50);
const PROCESSES = 4;
/** Of each process in one run. */
const OPERATIONS = 4;

jest.setTimeout(60_000 + RUNS * 20_000);

class Worker {
	private readonly child: ChildProcess;
	private task = 0;

	constructor() {
		const loader = path.join(__dirname, '..', '..', 'support', 'typescript.cjs');
		this.child = fork(path.join(__dirname, 'worker.ts'), { execArgv: ['-r', loader] });
	}

	async run(address: Task['address'], operation: Operation): Promise<Done> {
		const task = ++this.task;
		const { promise, resolve, reject } = Promise.withResolvers<Answer>();
		const answered = (answer: Answer): void => resolve(answer);
		const ended = (): void => reject(new Error('The process ended'));
		this.child.once('message', answered).once('exit', ended);
		const from = performance.now();
		this.child.send({ task, address, operation } satisfies Task);
		const answer = await promise;
		this.child.off('exit', ended);
		return { operation, from, to: performance.now(), answer };
	}

	end(): void {
		this.child.kill();
	}
}

const embedder = new WordEmbedder('words', 16);
let directory = '';
let workers: Worker[] = [];

beforeAll(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'interleavings-'));
	workers = Array.from({ length: PROCESSES }, () => new Worker());
});
afterAll(async () => {
	for (const worker of workers) worker.end();
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** What may fail, though nothing is wrong. */
const ALLOWED =
	/kept changing the index at the same moment|nothing to measure with|has no rows in the index|being migrated by another run|another version meanwhile/;

async function history(seed: number): Promise<{ history: Done[]; end: Done[] }> {
	const address: IndexAddress & { backend: 'embedded' } = {
		backend: 'embedded',
		directory,
		name: `run-${seed}`,
	};
	const { model, dimensions, id } = await embedder.fingerprint();
	await createIndex(address, { model, dimensions, fingerprint: id });
	const random = randomSource(seed);
	let value = 0;
	const plans = workers.map(() =>
		Array.from({ length: OPERATIONS }, () => ({
			pause: random() * 60,
			operation: randomOperation(random, ++value),
		})),
	);
	const done = await Promise.all(
		workers.map(async (worker, i) => {
			const mine: Done[] = [];
			for (const { pause, operation } of plans[i] ?? []) {
				await sleep(pause);
				mine.push(await worker.run(address, operation));
			}
			return mine;
		}),
	);
	// What all of them see when nothing goes on any more.
	const end: Done[] = [];
	for (const mode of ['scan', 'keyword', 'vector', 'hybrid'] as const)
		for (const worker of workers.slice(0, 2)) end.push(await worker.run(address, { kind: 'read', mode }));
	await dropIndex(address, address.name);
	return { history: [...done.flat(), ...end], end };
}

it(`gives in ${RUNS} interleavings only what some order of the operations allows`, async () => {
	const begin = Number(process.env.INTERLEAVINGS_SEED ?? Math.floor(Math.random() * 1e9));
	let operations = 0;
	for (let run = 0; run < RUNS; run++) {
		const seed = begin + run;
		const { history: done, end } = await history(seed);
		operations += done.length;
		const errors = done.flatMap(({ operation, answer: { error } }) =>
			error === undefined || ALLOWED.test(error) ? [] : [`${operation.kind}: ${error}`],
		);
		const problems = problemsOf(done);
		const log = problems.length + errors.length === 0 ? [] : done.map(shown);
		expect({ seed, problems, errors, log }).toEqual({ seed, problems: [], errors: [], log: [] });
		// Once nothing goes on, all processes see the same.
		const states = new Set(end.map(({ answer }) => JSON.stringify([...(answer.texts ?? [])].sort())));
		expect({ seed, states: states.size }).toEqual({ seed, states: 1 });
	}
	process.stdout.write(`${RUNS} interleavings of ${PROCESSES} processes, ${operations} operations\n`);
});

const shown = ({ operation, from, to, answer }: Done): string =>
	`${Math.round(from)}–${Math.round(to)} ${JSON.stringify(operation)} ${JSON.stringify(answer)}`
		.replaceAll('The harbour has ', '')
		.replaceAll(' now.', '');

describe('the check of a history', () => {
	const at = (from: number, to: number, operation: Operation, answer: Partial<Answer> = {}): Done => ({
		...{ from, to, operation, answer: { task: 0, ...answer } },
	});
	const text = (key: string, value: number): string => `The harbour has ${key} at ${value} in part 0 now.`;
	const read = (from: number, to: number, ...texts: string[]): Done =>
		at(from, to, { kind: 'read', mode: 'scan' }, { texts });
	const put = (from: number, to: number, value: number): Done =>
		at(from, to, { kind: 'upsert', key: 'r0', value });

	it('allows either value while a write goes on, and only the new one after it', () => {
		const writes = [put(0, 1, 1), put(10, 20, 2)];
		expect(problemsOf([...writes, read(12, 13, text('r0', 1)), read(12, 13, text('r0', 2))])).toEqual([]);
		expect(problemsOf([...writes, read(21, 22, text('r0', 2))])).toEqual([]);
		expect(problemsOf([...writes, read(21, 22, text('r0', 1))])).toHaveLength(1);
		expect(problemsOf([...writes, read(21, 22)])).toHaveLength(1);
		expect(problemsOf([...writes, read(2, 3, text('r0', 2))])).toHaveLength(1);
		expect(problemsOf([...writes, read(21, 22, text('r0', 1), text('r0', 2))])).toHaveLength(1);
		expect(problemsOf([...writes, read(21, 22, text('r0', 2), text('r0', 2))])).toHaveLength(1);
	});

	it('sees what a delete or a mirror has removed, and a document that is not whole', () => {
		const gone = [put(0, 1, 1), at(5, 6, { kind: 'deleteRow', key: 'r0' })];
		expect(problemsOf([...gone, read(7, 8)])).toEqual([]);
		expect(problemsOf([...gone, read(7, 8, text('r0', 1))])).toHaveLength(1);
		const synced = at(0, 1, { kind: 'sync', documents: { d0: 3 } });
		expect(problemsOf([synced, read(2, 3, text('d0', 3))])).toHaveLength(1);
		const mirrored = at(4, 5, { kind: 'mirror', documents: { d1: 4 } }, { failed: ['d1'] });
		expect(problemsOf([synced, mirrored, read(6, 7)])).toEqual([]);
	});
});
