import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { bareEnvironment, hold } from '../../../support';
import type { TidyAnswer, TidyTask } from './program';

/** Compiled in the package, TypeScript in the source tree (Node strips its types). */
const PROGRAM = ['program.js', 'program.ts']
	.map((name) => path.join(__dirname, name))
	.find((file) => existsSync(file));

/** Longer than any table takes that LanceDB can hold on one machine; a process that hangs is ended. */
const DEADLINE_MS = 3_600_000;

/** The process ended without an answer: the machine took it for its memory, or it hung. Nothing is changed. */
export class TidyingEnded extends Error {}

/**
 * Tidies a table in a process of its own. It keeps this one alive no longer than others do and ends with it; ended in
 * the middle it has changed nothing. Resolves to false where no process can be started. Rejects with LanceDB's own words,
 * or with TidyingEnded.
 */
export function tidyInProcess(task: TidyTask, program = PROGRAM): Promise<boolean> {
	if (program === undefined) return Promise.resolve(false);
	return new Promise((resolve, reject) => {
		const child = fork(program, [], {
			execArgv: [],
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
			env: bareEnvironment(),
		});
		const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS).unref();
		child.once('message', (answer: TidyAnswer) => {
			if (answer.ok) resolve(true);
			else reject(new Error(answer.message));
		});
		child.once('error', () => resolve(false));
		child.once('exit', (code, signal) => {
			clearTimeout(deadline);
			// After an answer this changes nothing.
			reject(
				new TidyingEnded(
					`Merging the files of the index "${task.table}" ended early (${signal ?? `code ${code}`}); it is tried again later, until then searches take longer. Does the machine have enough memory?`,
				),
			);
		});
		// A failure to send is a process that has ended: `exit` tells.
		child.send(task, () => undefined);
		hold(child, false);
	});
}
