import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { bareEnvironment, hold } from '../../support';
import type { Addressed, RunAnswer, RunMessage } from './messages';

/** The program; it is there in the built package, where it can load the other modules. */
const PROGRAM = path.join(__dirname, 'program.js');
/** An idle process gives its memory back; late enough for what the index does by itself after a run (tidying). */
const IDLE_MS = 300_000;

/** One run on our side: emits `answer` for each message of the process, `end` when the process has ended. */
export class ProcessRun extends EventEmitter<{ answer: [RunAnswer]; end: [] }> {
	constructor(
		private readonly process: SyncProcess,
		private readonly id: number,
	) {
		super();
	}

	send(message: RunMessage): void {
		this.process.send({ run: this.id, message });
	}

	close(): void {
		this.process.endRun(this.id);
	}
}

/**
 * The process in which runs of this one happen, all of them in one. It keeps this one alive only while a run is going, and
 * ends with it. A process and no thread: LanceDB must not be used by two threads of one process (they free each other's
 * objects, and Node dies), and what its writing takes of memory is given back with the process.
 */
class SyncProcess {
	private readonly child: ChildProcess;
	private readonly runs = new Map<number, ProcessRun>();
	private started = 0;
	private idle: NodeJS.Timeout | undefined;

	constructor(private readonly onEnd: () => void) {
		this.child = fork(PROGRAM, [], {
			execArgv: [],
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			// Memory that is freed goes back to the system instead of staying with the thread that had it.
			env: { ...bareEnvironment(), MALLOC_ARENA_MAX: '1' },
		});
		this.child.on('message', ({ run, message }: Addressed<RunAnswer>) =>
			this.runs.get(run)?.emit('answer', message),
		);
		this.child.once('error', () => this.end());
		this.child.once('exit', () => this.end());
	}

	startRun(): ProcessRun {
		clearTimeout(this.idle);
		const id = this.started++;
		const run = new ProcessRun(this, id);
		this.runs.set(id, run);
		hold(this.child, true);
		return run;
	}

	send(message: Addressed<RunMessage>): void {
		// A failure to send is a process that has ended: `exit` tells.
		this.child.send(message, () => undefined);
	}

	endRun(id: number): void {
		this.runs.delete(id);
		if (this.runs.size > 0) return;
		hold(this.child, false);
		this.idle = setTimeout(() => this.child.kill('SIGKILL'), IDLE_MS).unref();
	}

	private end(): void {
		clearTimeout(this.idle);
		this.onEnd();
		for (const run of this.runs.values()) run.emit('end');
	}
}

let current: SyncProcess | undefined;

/** A run in the process, which is started if there is none; undefined where there can be none. */
export function startProcessRun(): ProcessRun | undefined {
	if (!existsSync(PROGRAM)) return undefined;
	if (!current) {
		const starting = new SyncProcess(() => {
			if (current === starting) current = undefined;
		});
		current = starting;
	}
	return current.startRun();
}
