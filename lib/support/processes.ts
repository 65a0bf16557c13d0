import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** What a process of ours needs: where things are, and what LanceDB was told. Secrets of n8n's own environment stay out. */
const NEEDED = /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|LANCE\w*)$/i;

/** The part of our environment that processes we start get. */
export function bareEnvironment(): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => NEEDED.test(name)));
}

/** Whether a process we have started keeps this one alive. */
export function hold(child: ChildProcess, on: boolean): void {
	const stderr = child.stderr instanceof Socket ? child.stderr : undefined;
	for (const part of [child, child.channel, stderr]) {
		if (on) part?.ref();
		else part?.unref();
	}
}
