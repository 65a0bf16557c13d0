import path from 'node:path';
import { findProgram, packFiles, ProcessError, ProcessPool, type ProcessSettings } from '../../../support';
import { TIDYINGS_AT_ONCE } from '../lance';
import type { TidyAnswer, TidyTask } from './program';

const PROGRAM = path.join(__dirname, 'program');
/** Longer than any table takes that LanceDB can hold on one machine; a process that hangs is ended. */
const DEADLINE_MS = 3_600_000;

/** The process ended without an answer: the machine took it for its memory, or it hung. Nothing is changed. */
export class TidyingEnded extends Error {}

/** Each tidies one table and ends: the memory that merging files takes is given back. Everything else goes first. */
export function tidyingPool(settings: Partial<ProcessSettings> = {}): ProcessPool<TidyTask, TidyAnswer> {
	return new ProcessPool({
		...{ program: PROGRAM, limit: TIDYINGS_AT_ONCE, maxUses: 1, nice: 10 },
		// Nobody waits for it: what is not done when n8n ends is done by the next process.
		keepsAlive: false,
		...settings,
	});
}

const pool = tidyingPool();

/**
 * Tidies a table in a process of its own; ended in the middle it has changed nothing. Resolves to false where no process
 * can be started. Rejects with LanceDB's own words, or with TidyingEnded.
 */
export async function tidyInProcess(task: TidyTask, processes = pool): Promise<boolean> {
	if (processes === pool && (packFiles() !== 'ours' || findProgram(PROGRAM) === undefined)) return false;
	try {
		const answer = await processes.use(
			async (process) => {
				const { promise, resolve } = Promise.withResolvers<TidyAnswer>();
				process.once('message', resolve);
				await process.send(task);
				return { result: await promise };
			},
			{ deadlineMs: DEADLINE_MS },
		);
		if (answer.ok) return true;
		throw new Error(answer.message);
	} catch (thrown) {
		if (!(thrown instanceof ProcessError)) throw thrown;
		if (thrown.kind === 'notStarted') return false;
		throw new TidyingEnded(
			`Merging the files of the index "${task.table}" ended early: ${thrown.message}. It is tried again later, until then searches take longer. Does the machine have enough memory?`,
			{ cause: thrown },
		);
	}
}
