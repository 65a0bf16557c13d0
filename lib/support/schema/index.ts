import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors';
import { assertPackFiles } from '../packFiles';
import { jsonProblem } from '../plainJson';
import type { SchemaJob, SchemaReply } from './worker';

/** What a check says: the problems (none: the value is valid), or why the schema cannot be used. */
export type SchemaVerdict = { readonly problems: readonly string[] } | { readonly invalidSchema: string };

/** An honest schema is compiled and checked in a few milliseconds. */
const DEADLINE_MS = 1_000;
/** Characters of JSON; the largest schemas of tools seen have some 50,000. */
const MAX_SCHEMA = 500_000;
/** A worker that has nothing to do for so long gives its memory back. */
const IDLE_MS = 60_000;
const MAX_MEMORY_MB = 128;
/** Schemas that took too long are remembered, so that each costs its deadline once. */
const MAX_SLOW = 1_000;

const TOO_SLOW = `checking it took longer than ${DEADLINE_MS / 1000} second; use a simpler schema`;

interface Waiting {
	readonly schema: string;
	readonly value: string;
	readonly resolve: (verdict: SchemaVerdict) => void;
}

const queue: Waiting[] = [];
const slow = new Set<string>();
let worker: Worker | undefined;
let idle: NodeJS.Timeout | undefined;
let running: { readonly job: number; readonly waiting: Waiting; readonly timer: NodeJS.Timeout } | undefined;
let jobs = 0;

/**
 * Checks a value against a JSON schema (draft 7 to 2020-12) that may come from anybody: in a worker thread with a deadline of a
 * second, with `pattern`s in an engine that takes linear time. Never throws; a schema that is none or takes too long says so.
 *
 * @example const { problems } = await checkSchema({ type: 'number' }, 'five'); // ['the value must be number']
 */
export async function checkSchema(schema: object, value: unknown): Promise<SchemaVerdict> {
	const problem = jsonProblem(schema);
	if (problem !== undefined) return { invalidSchema: `the schema ${problem}` };
	const unfit = jsonProblem(value);
	if (unfit !== undefined) return { problems: [`the value ${unfit}`] };
	const text = JSON.stringify(schema);
	if (text.length > MAX_SCHEMA) {
		return { invalidSchema: `the schema has ${text.length} characters, at most ${MAX_SCHEMA} are allowed` };
	}
	if (slow.has(text)) return { invalidSchema: TOO_SLOW };
	if (worker === undefined) assertPackFiles();
	return await new Promise((resolve) => {
		queue.push({ schema: text, value: JSON.stringify(value ?? null), resolve });
		next();
	});
}

function next(): void {
	if (running !== undefined) return;
	const waiting = queue.shift();
	if (waiting === undefined) {
		idle ??= setTimeout(stop, IDLE_MS).unref();
		return;
	}
	clearTimeout(idle);
	idle = undefined;
	// Another call may have found out meanwhile.
	if (slow.has(waiting.schema)) return settle(waiting, { invalidSchema: TOO_SLOW });
	const job = ++jobs;
	const started = worker === undefined;
	worker ??= start();
	worker.ref();
	// A new worker loads its libraries first.
	const timer = setTimeout(() => overrun(), started ? DEADLINE_MS * 5 : DEADLINE_MS);
	running = { job, waiting, timer };
	const { schema, value } = waiting;
	worker.postMessage({ job, schema, value } satisfies SchemaJob);
}

function start(): Worker {
	const file = join(__dirname, `worker${extname(__filename)}`);
	const made = new Worker(file, {
		workerData: { file },
		resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
		execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
	});
	made.on('message', (reply: SchemaReply) => {
		if (reply.job !== running?.job) return;
		finish('problems' in reply ? { problems: reply.problems } : { invalidSchema: reply.invalidSchema });
	});
	// Out of memory, for example: the next check gets a new one.
	made.on('error', (error: unknown) => failed(made, messageOf(error)));
	made.on('exit', () => failed(made, 'its check ended early'));
	return made;
}

function failed(which: Worker, reason: string): void {
	if (which !== worker) return;
	worker = undefined;
	if (running === undefined) return;
	remember(running.waiting.schema);
	finish({ invalidSchema: reason });
}

function overrun(): void {
	if (running !== undefined) remember(running.waiting.schema);
	stop();
	finish({ invalidSchema: TOO_SLOW });
}

function remember(schema: string): void {
	if (slow.size >= MAX_SLOW) slow.clear();
	slow.add(schema);
}

function stop(): void {
	const old = worker;
	worker = undefined;
	void old?.terminate();
}

function finish(verdict: SchemaVerdict): void {
	if (running === undefined) return;
	const { waiting, timer } = running;
	clearTimeout(timer);
	running = undefined;
	worker?.unref();
	settle(waiting, verdict);
}

function settle(waiting: Waiting, verdict: SchemaVerdict): void {
	waiting.resolve(verdict);
	next();
}
