import { hostileText } from './families';

/** What is measured: fed with a text it does all of its work, and may throw (a refusal is an answer, too). */
export type Subject = (text: string) => unknown;

/** The time of the largest size grows by 2 when the size doubles, by 4 when the work takes the square of it. */
const MOST_GROWTH = 2.6;
/** Below this the clock and the collector of memory decide, not the work. */
const LEAST_MS = 25;
const RETRIES = 10;
const SMALLEST = 1_024;

export interface Growth {
	readonly length: number;
	readonly ms: number;
	readonly growth: number;
}

/**
 * Whose CPU time counts; that of another program on the machine never does. In a process with a heap of gigabytes, as of tests that
 * ran before, the threads that collect memory take more time than a small text.
 */
export type Counted = 'thread' | 'process';

/** CPU time of one run. */
async function cpuMs(subject: Subject, text: string, counted: Counted): Promise<number> {
	const usage = (since?: NodeJS.CpuUsage) =>
		counted === 'thread' ? process.threadCpuUsage(since) : process.cpuUsage(since);
	const before = usage();
	await drained(subject, text);
	const { user, system } = usage(before);
	return (user + system) / 1_000;
}

/** Runs it to its end: promises are awaited, generators read. */
export async function drained(subject: Subject, text: string): Promise<void> {
	try {
		const result: unknown = await subject(text);
		if (typeof result !== 'object' || result === null) return;
		if (Symbol.asyncIterator in result) {
			for await (const _ of result as AsyncIterable<unknown>);
		} else if (Symbol.iterator in result && !Array.isArray(result)) {
			for (const _ of result as Iterable<unknown>);
		}
	} catch {
		// A text that is refused has been read as far as it was; how long that took is the question here.
	}
}

/**
 * Doubles the size up to `most` characters and looks at the last two steps that took long enough to be told apart. Ends as soon as
 * the growth is too large ten times in a row, so that work of the cube of its size does not hold the test.
 */
export async function growthOf(
	subject: Subject,
	family: string,
	most: number,
	counted: Counted = 'process',
): Promise<Growth | undefined> {
	let before = 0;
	for (let length = Math.min(SMALLEST, most); length <= most; length *= 2) {
		const ms = await cpuMs(subject, hostileText(family, length), counted);
		if (ms >= LEAST_MS) {
			const growth = before === 0 ? 1 : ms / before;
			if (growth > MOST_GROWTH) {
				const least = await again(subject, family, length, counted);
				if (least.growth > MOST_GROWTH) return { length, ...least };
			}
		}
		before = Math.max(ms, 1);
	}
	return undefined;
}

/** The least growth of several tries: noise only ever adds time, so the least of each size is the work's own. */
async function again(subject: Subject, family: string, length: number, counted: Counted) {
	const half = hostileText(family, Math.floor(length / 2));
	const whole = hostileText(family, length);
	let halfMs = Infinity;
	let wholeMs = Infinity;
	for (let retry = 0; retry < RETRIES; retry++) {
		halfMs = Math.min(halfMs, await cpuMs(subject, half, counted));
		wholeMs = Math.min(wholeMs, await cpuMs(subject, whole, counted));
		if (wholeMs < LEAST_MS || wholeMs / halfMs <= MOST_GROWTH) break;
	}
	return { ms: wholeMs, growth: wholeMs < LEAST_MS ? 1 : wholeMs / Math.max(halfMs, 0.5) };
}
