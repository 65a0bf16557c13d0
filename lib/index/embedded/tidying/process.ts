import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TidyAnswer, TidyTask } from './program';

/** Compiled in the package, TypeScript in the source tree (Node strips its types). */
const PROGRAM = ['program.js', 'program.ts']
	.map((name) => path.join(__dirname, name))
	.find((file) => existsSync(file));

/** Longer than any table takes that LanceDB can hold on one machine; a process that hangs is ended. */
const DEADLINE_MS = 3_600_000;
/** What the process needs of our environment; secrets stay here. */
const ENVIRONMENT = /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|LANCE\w*)$/;

/**
 * Tidies a table in a process of its own. It keeps this one alive no longer than others do and ends with it; ended in
 * the middle it has changed nothing. Rejects with LanceDB's own words, or with why the process ended.
 */
export function tidyInProcess(task: TidyTask): Promise<void> {
	return new Promise((resolve, reject) => {
		if (PROGRAM === undefined) throw new Error('the program that merges files is missing from the package');
		const child = fork(PROGRAM, [], {
			execArgv: [],
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
			env: Object.fromEntries(Object.entries(process.env).filter(([name]) => ENVIRONMENT.test(name))),
		});
		const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS).unref();
		child.once('message', (answer: TidyAnswer) => {
			if (answer.ok) resolve();
			else reject(new Error(answer.message));
		});
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			clearTimeout(deadline);
			// After an answer this changes nothing.
			reject(new Error(`the process that merges files was ended (${signal ?? `code ${code}`})`));
		});
		child.send(task, (error) => (error ? reject(error) : undefined));
		child.unref();
		child.channel?.unref();
	});
}
