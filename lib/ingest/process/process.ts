import { EventEmitter } from 'node:events';
import path from 'node:path';
import { assertPackFiles, findProgram, OwnProcess, type Ending } from '../../support';
import type { Addressed, RunAnswer, RunMessage } from './messages';

/** An idle process gives its memory back; late enough for what the index does by itself after a run (tidying). */
const IDLE_MS = 300_000;
/** A run that has all it asked for and says nothing for so long hangs (a lock in native code, which heartbeats miss). */
const STUCK_MS = 900_000;

/** How the process is started. */
export interface SyncProcessSettings {
	readonly program: string;
	readonly silentMs?: number;
	readonly stuckMs: number;
}
export const SYNC_PROCESS: SyncProcessSettings = {
	program: path.join(__dirname, 'program'),
	stuckMs: STUCK_MS,
};

/** One run on our side: emits `answer` for each message of the process, `end` when the process has ended. */
export class ProcessRun extends EventEmitter<{ answer: [RunAnswer]; end: [] }> {
	/** Why the process ended, if it has. */
	ending: Ending | undefined;
	private stuck: NodeJS.Timeout | undefined;

	constructor(
		private readonly process: SyncProcess,
		private readonly id: number,
		private readonly stuckMs: number,
	) {
		super();
	}

	async send(message: RunMessage): Promise<void> {
		if (message.type !== 'leave') this.expect(true);
		await this.process.send({ run: this.id, message });
	}

	receive(message: RunAnswer): void {
		// Until it has the next documents it has nothing to do.
		this.expect(message.type !== 'more');
		this.emit('answer', message);
	}

	endedBy(ending: Ending): void {
		this.expect(false);
		this.ending = ending;
		this.emit('end');
	}

	close(): void {
		this.expect(false);
		this.process.endRun(this.id);
	}

	private expect(on: boolean): void {
		clearTimeout(this.stuck);
		if (on) this.stuck = setTimeout(() => this.process.giveUp(this.stuckMs), this.stuckMs).unref();
	}
}

/**
 * The process in which runs of this one happen, all of them in one. A process and no thread: LanceDB must not be used by
 * two threads of one process (they free each other's objects, and Node dies), and what its writing takes of memory is given
 * back with the process.
 */
class SyncProcess {
	private readonly process: OwnProcess<Addressed<RunMessage>, Addressed<RunAnswer>>;
	private readonly runs = new Map<number, ProcessRun>();
	private started = 0;
	private stuckMs: number | undefined;

	constructor({ program, silentMs }: SyncProcessSettings) {
		this.process = new OwnProcess({
			...{ program, idleMs: IDLE_MS, ...(silentMs === undefined ? {} : { silentMs }) },
			// Memory that is freed goes back to the system instead of staying with the thread that had it.
			environment: { MALLOC_ARENA_MAX: '1' },
		});
		this.process.on('message', ({ run, message }) => this.runs.get(run)?.receive(message));
		this.process.once('end', (ending) => this.end(ending));
	}

	get usable(): boolean {
		return this.process.usable;
	}

	get pid(): number | undefined {
		return this.process.pid;
	}

	startRun(stuckMs: number): ProcessRun {
		const id = this.started++;
		const run = new ProcessRun(this, id, stuckMs);
		this.runs.set(id, run);
		this.process.setBusy(true);
		return run;
	}

	send(message: Addressed<RunMessage>): Promise<void> {
		return this.process.send(message);
	}

	endRun(id: number): void {
		this.runs.delete(id);
		if (this.runs.size === 0) this.process.setBusy(false);
	}

	/** Ends a process that reacts and gets nothing done. */
	giveUp(stuckMs: number): void {
		this.stuckMs = stuckMs;
		this.process.kill();
	}

	private end(ending: Ending): void {
		const minutes = Math.round((this.stuckMs ?? 0) / 60_000);
		const told: Ending =
			this.stuckMs === undefined
				? ending
				: { cause: 'hung', reason: `it got nothing done for ${minutes} minutes and was ended` };
		for (const run of this.runs.values()) run.endedBy(told);
	}
}

let current: SyncProcess | undefined;

/** A run in the process, which is started if there is none; undefined where there can be none. */
export function startProcessRun(settings = SYNC_PROCESS): ProcessRun | undefined {
	if (!current?.usable) {
		assertPackFiles();
		if (findProgram(settings.program) === undefined) return undefined;
		current = new SyncProcess(settings);
	}
	return current.startRun(settings.stuckMs);
}

/** Id of the operating system of the process, if one is running. */
export function syncProcessPid(): number | undefined {
	return current?.usable ? current.pid : undefined;
}
