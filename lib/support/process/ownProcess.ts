import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { assertPackFiles, whenUnloaded } from '../packFiles';
import { bareEnvironment } from './environment';
import { PING, PONG } from './heartbeat';

export interface ProcessSettings {
	/**
	 * File of the program. Without an extension: `.js` in the built package, `.ts` in the source tree, where it is run with
	 * the loader that this process runs with (`-r`).
	 */
	readonly program: string;
	readonly parameters?: readonly string[];
	/** Flags of Node for it. Default none: n8n's own do not apply to it. */
	readonly nodeFlags?: readonly string[];
	/** Beside what every process of ours gets (environment.ts). */
	readonly environment?: Readonly<Record<string, string>>;
	/** Bound of its JavaScript heap in bytes. Default: Node's own. */
	readonly heapBytes?: number;
	/** How much it gives way to n8n, whatever n8n's own priority is, from 0 (not at all) to 19. Default 5. */
	readonly nice?: number;
	/** Whether work keeps this process alive until it is done. Default true. */
	readonly keepsAlive?: boolean;
	/** Ends after so long without work. Default 60,000 ms. */
	readonly idleMs?: number;
	/** Ends when it has work and has said nothing for so long, heartbeats included. Default 60,000 ms. */
	readonly silentMs?: number;
}

/** Why a process of ours ended. */
export interface Ending {
	/**
	 * `hung`: it did not react and was ended. `memory`: its heap was full. `notStarted`: it could not be started at all.
	 * `ended`: anything else, as when the operating system took it for its memory.
	 */
	readonly cause: 'hung' | 'memory' | 'notStarted' | 'ended';
	/** For people, as the end of a sentence: exit code or signal, and the last words on its error stream. */
	readonly reason: string;
}

interface Events<Received> {
	message: [Received];
	/** Exactly once, whatever happened. */
	end: [Ending];
}

const LOWEST_PRIORITY = 19;
const DEFAULTS = { nice: 5, idleMs: 60_000, silentMs: 60_000 };
/** Time between two looks at a process that works: part of the time it may be silent, and at most. */
const BEAT = { part: 1 / 4, mostMs: 1_000 };
const LAST_WORDS = { kept: 2_000, lines: 3 };

/**
 * A process of our own that runs a fixed program: no input reaches its command line, and of our environment it gets only
 * what it needs. It is watched while it has work (a process that is stopped or hangs is ended), ends when it has had none
 * for a while, gives way to n8n, and ends with this process, when the pack is removed, or after its work when the pack was updated. Who
 * needs one makes it at first use.
 *
 * @throws PackError where the program would be one of another version
 */
export class OwnProcess<Sent, Received> extends EventEmitter<Events<Received>> {
	private readonly child: ChildProcess;
	private idleMs: number;
	private readonly silentMs: number;
	private readonly keepsAlive: boolean;
	private lastWords = '';
	private silentBeats = 0;
	private beat: NodeJS.Timeout | undefined;
	private idle: NodeJS.Timeout | undefined;
	private hung = false;
	private killed = false;
	private ended = false;
	private readonly forget: () => void;

	constructor(settings: ProcessSettings) {
		super();
		const { parameters = [], environment, keepsAlive = true, nice = DEFAULTS.nice } = settings;
		const program = findProgram(settings.program) ?? settings.program;
		assertPackFiles();
		this.keepsAlive = keepsAlive;
		this.idleMs = settings.idleMs ?? DEFAULTS.idleMs;
		this.silentMs = settings.silentMs ?? DEFAULTS.silentMs;
		this.child = fork(program, [...parameters], {
			execArgv: flagsOf(program, settings),
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
			env: { ...bareEnvironment(), ...environment },
		});
		this.giveWay(nice);
		this.child.stderr?.on('data', (data: Buffer) => {
			this.lastWords = (this.lastWords + data.toString()).slice(-LAST_WORDS.kept);
		});
		// A program says at once that it is there; Node has started its threads by then, each with a priority of its own.
		this.child.once('message', () => this.giveWay(nice));
		this.child.on('message', (message: Received | typeof PONG) => {
			this.silentBeats = 0;
			if (!this.ended && message !== PONG) this.emit('message', message);
		});
		// `error`: it could not be started, or not be sent to. `close` follows `exit` when the last words have been read.
		this.child.once('error', (error) => this.end('notStarted', error.message));
		this.child.once('close', (code, signal) =>
			this.end('ended', signal ? `it was ended by ${signal}` : `it ended with code ${code}`),
		);
		alive.add(this.child);
		this.forget = whenUnloaded((how) => {
			if (how === 'removed' || !this.beat) this.kill();
			else this.idleMs = 0;
		});
		endAllAtExit();
		this.setBusy(false);
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	/** Whether it takes work: false as soon as it is told to end. */
	get usable(): boolean {
		return !this.killed && !this.ended;
	}

	/** Resolves when the message is on its way: who sends much waits for it. */
	send(message: Sent): Promise<void> {
		// A failure to send is a process that has ended: `close` tells.
		return new Promise((resolve) => {
			this.child.send(message as object, () => resolve());
		});
	}

	/** Whether it has work: it is watched then, else it ends after a while. */
	setBusy(on: boolean): void {
		if (this.ended) return;
		clearTimeout(this.idle);
		if (on) this.watch();
		else {
			clearInterval(this.beat);
			this.beat = undefined;
			this.idle = setTimeout(() => this.kill(), this.idleMs).unref();
		}
		this.keepUsAlive(on && this.keepsAlive);
	}

	kill(): void {
		this.killed = true;
		this.child.kill('SIGKILL');
	}

	/**
	 * Beats are counted and not time: when this process itself was held up, or the machine asleep, what the process has sent
	 * is read before the next beat.
	 */
	private watch(): void {
		if (this.beat) return;
		this.silentBeats = 0;
		const beatMs = Math.min(this.silentMs * BEAT.part, BEAT.mostMs);
		this.beat = setInterval(() => {
			if (++this.silentBeats * beatMs > this.silentMs) {
				this.hung = true;
				this.kill();
			} else {
				this.child.send(PING, () => undefined);
			}
		}, beatMs).unref();
	}

	/** A system that starts n8n with a low priority of its own does so for all it starts: the same number would be no less. */
	private giveWay(nice: number): void {
		const { pid } = this.child;
		if (pid === undefined) return;
		try {
			const priority = Math.min(getPriority() + nice, LOWEST_PRIORITY);
			for (const id of [pid, ...threadsOf(pid)]) setPriority(id, priority);
		} catch {
			// Some containers forbid it: then it competes like any other. Or it has ended already, which `close` tells.
		}
	}

	private keepUsAlive(on: boolean): void {
		const stderr = this.child.stderr instanceof Socket ? this.child.stderr : undefined;
		for (const part of [this.child, this.child.channel, stderr]) {
			if (on) part?.ref();
			else part?.unref();
		}
	}

	private end(cause: 'notStarted' | 'ended', how: string): void {
		if (this.ended) return;
		this.ended = true;
		clearTimeout(this.idle);
		clearInterval(this.beat);
		alive.delete(this.child);
		this.forget();
		this.child.kill('SIGKILL');
		const words = this.lastWords.trim();
		const reason = words === '' ? how : `${how}: ${messageIn(words)}`;
		if (this.hung) {
			const seconds = Math.round(this.silentMs / 1000);
			this.emit('end', { cause: 'hung', reason: `it did not react for ${seconds} s and was ended` });
		} else if (/heap out of memory|heap limit/i.test(words)) {
			this.emit('end', { cause: 'memory', reason: 'its memory was full' });
		} else {
			this.emit('end', { cause, reason });
		}
	}
}

/** The message of the error that ended Node, or the last lines of what something else said. */
function messageIn(words: string): string {
	const lines = words.split('\n');
	return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.slice(-LAST_WORDS.lines).join(' ');
}

/** The file of a program as `ProcessSettings` names it; undefined if it is not there. */
export function findProgram(program: string): string | undefined {
	return [program, `${program}.js`, `${program}.ts`].find(
		(file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
	);
}

function flagsOf(program: string, { nodeFlags = [], heapBytes }: ProcessSettings): string[] {
	return [
		...(program.endsWith('.ts') ? process.execArgv : []),
		...(heapBytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(heapBytes / 2 ** 20)}`]),
		...nodeFlags,
	];
}

/** Linux gives each thread a priority of its own; elsewhere that of the process counts. */
function threadsOf(pid: number): number[] {
	return process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [];
}

/** A process that hangs does not see that its parent is gone; while the parent can, it ends them itself. */
const alive = new Set<ChildProcess>();
let registered = false;
function endAllAtExit(): void {
	if (registered) return;
	registered = true;
	process.once('exit', () => {
		for (const child of alive) child.kill('SIGKILL');
	});
}
