import { LocalEngineError } from '../errors';
import { OwnProcess, type Ending, type ProcessSettings } from './ownProcess';
import { reasonOf, Turns } from './turns';

export interface PoolSettings extends ProcessSettings {
	/** Processes at once. */
	readonly limit: number;
	/** Work that may wait for a process; more is refused (`overloaded`). Default 1,000. */
	readonly maxWaiting?: number;
	/** A process is replaced after so many pieces of work, should its program leak. Default: never. */
	readonly maxUses?: number;
}

export interface WorkSettings {
	/** Time the work may take once it has a process; then the process is ended (`deadline`). */
	readonly deadlineMs: number;
	/**
	 * Work that takes longer leaves a process to other work that waits. If so much long work runs that there is none, the last one
	 * is ended, and done again from its beginning after other long work. Default: never.
	 */
	readonly longAfterMs?: number;
	/** Ends the wait, and the process if there is one already; `use` rejects with the signal's reason. */
	readonly signal?: AbortSignal;
}

/** `deadline`: the work took too long. `overloaded`: too much waits already. The others: see `Ending`. */
export type ProcessErrorKind = Ending['cause'] | 'deadline' | 'overloaded';

/** The message is the end of a sentence that the caller begins: "…: it was ended by SIGKILL". */
export class ProcessError extends LocalEngineError<ProcessErrorKind> {}

type Work<Sent, Received, T> = (
	process: OwnProcess<Sent, Received>,
) => Promise<{ readonly result: T; readonly keep?: boolean }>;

/** What an attempt ends with that left its process to other work. */
const GAVE_WAY = Symbol('gave way');

interface Member<Sent, Received> {
	readonly process: OwnProcess<Sent, Received>;
	uses: number;
	/** Called when the process ends while it works. */
	onEnd?: (ending: Ending) => void;
}

/**
 * Processes of one program, each lent to one piece of work at a time: started when there is work and fewer than the limit
 * run, kept for the next piece of work, ended when idle.
 */
export class ProcessPool<Sent, Received> {
	private readonly members = new Set<Member<Sent, Received>>();
	/** Members without work. */
	private readonly free = new Set<Member<Sent, Received>>();
	private readonly turns: Turns;

	constructor(private readonly settings: PoolSettings) {
		this.turns = new Turns(settings.limit);
	}

	/** Ids of the operating system of the processes now running. */
	get pids(): number[] {
		return [...this.members].flatMap(({ process }) => process.pid ?? []);
	}

	/**
	 * Lends a process to `work` and takes it back afterwards. Where `work` throws, or returns false for `keep`, the process
	 * is ended instead: what state it is in is not known then.
	 *
	 * @throws ProcessError, what `work` throws, or the signal's reason
	 */
	async use<T>(work: Work<Sent, Received, T>, settings: WorkSettings): Promise<T> {
		const { signal, longAfterMs } = settings;
		signal?.throwIfAborted();
		const { maxWaiting = 1_000 } = this.settings;
		if (this.turns.areTaken && this.turns.waits >= maxWaiting) {
			throw new ProcessError('overloaded', `${maxWaiting} others are waiting already`);
		}
		await this.turns.take(signal);
		const { promise: asked, resolve } = Promise.withResolvers<typeof GAVE_WAY>();
		const giveWay = (): void => resolve(GAVE_WAY);
		const becomesLong =
			longAfterMs === undefined ? undefined : setTimeout(() => this.turns.becameLong(giveWay), longAfterMs);
		try {
			const result = await this.attempt(work, settings, { giveWay, asked });
			if (result !== GAVE_WAY) return result;
		} finally {
			clearTimeout(becomesLong);
		}
		await this.turns.takeLong(giveWay, signal);
		return (await this.attempt(work, settings, { giveWay })) as T;
	}

	/** Works with a process, now that it is our turn. */
	private async attempt<T>(
		work: Work<Sent, Received, T>,
		{ deadlineMs, signal }: WorkSettings,
		{ giveWay, asked }: { readonly giveWay: () => void; readonly asked?: Promise<typeof GAVE_WAY> },
	): Promise<T | typeof GAVE_WAY> {
		let member: Member<Sent, Received> | undefined;
		let deadline: NodeJS.Timeout | undefined;
		let healthy = false;
		const { promise: cut, reject } = Promise.withResolvers<never>();
		const cancel = (): void => reject(reasonOf(signal));
		try {
			signal?.throwIfAborted();
			member = this.take();
			const seconds = Math.round(deadlineMs / 1000);
			const late = new ProcessError('deadline', `it was not done within ${seconds} s`);
			deadline = setTimeout(() => reject(late), deadlineMs);
			signal?.addEventListener('abort', cancel, { once: true });
			member.onEnd = ({ cause, reason }) => reject(new ProcessError(cause, reason));
			const done = await Promise.race([work(member.process), cut, ...(asked ? [asked] : [])]);
			if (done === GAVE_WAY) return done;
			healthy = done.keep ?? true;
			return done.result;
		} finally {
			clearTimeout(deadline);
			signal?.removeEventListener('abort', cancel);
			if (member) this.giveBack(member, healthy);
			this.turns.leave(giveWay);
		}
	}

	private take(): Member<Sent, Received> {
		const member = [...this.free].find(({ process }) => process.usable) ?? this.start();
		this.free.delete(member);
		member.uses++;
		member.process.setBusy(true);
		return member;
	}

	private start(): Member<Sent, Received> {
		const member: Member<Sent, Received> = { process: new OwnProcess(this.settings), uses: 0 };
		this.members.add(member);
		member.process.once('end', (ending) => {
			this.forget(member);
			member.onEnd?.(ending);
		});
		return member;
	}

	private giveBack(member: Member<Sent, Received>, healthy: boolean): void {
		const { maxUses = Infinity } = this.settings;
		member.onEnd = undefined;
		member.process.setBusy(false);
		if (healthy && member.uses < maxUses && this.members.has(member)) this.free.add(member);
		else {
			this.forget(member);
			member.process.kill();
		}
	}

	private forget(member: Member<Sent, Received>): void {
		this.members.delete(member);
		this.free.delete(member);
	}
}
