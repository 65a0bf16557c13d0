import { LocalEngineError } from '../errors';
import { OwnProcess, type Ending, type ProcessSettings } from './ownProcess';

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
	/** Ends the wait, and the process if there is one already; `use` rejects with the signal's reason. */
	readonly signal?: AbortSignal;
}

/** `deadline`: the work took too long. `overloaded`: too much waits already. The others: see `Ending`. */
export type ProcessErrorKind = Ending['cause'] | 'deadline' | 'overloaded';

/** The message is the end of a sentence that the caller begins: "…: it was ended by SIGKILL". */
export class ProcessError extends LocalEngineError<ProcessErrorKind> {}

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
	private readonly waiting = new Set<() => void>();
	private busy = 0;

	constructor(private readonly settings: PoolSettings) {}

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
	async use<T>(
		work: (process: OwnProcess<Sent, Received>) => Promise<{ readonly result: T; readonly keep?: boolean }>,
		{ deadlineMs, signal }: WorkSettings,
	): Promise<T> {
		await this.turn(signal);
		const member = this.takeOrLeave();
		const { promise: cut, reject } = Promise.withResolvers<never>();
		const seconds = Math.round(deadlineMs / 1000);
		const deadline = setTimeout(
			() => reject(new ProcessError('deadline', `it was not done within ${seconds} s`)),
			deadlineMs,
		);
		const cancel = (): void => reject(asError(signal?.reason));
		signal?.addEventListener('abort', cancel, { once: true });
		member.onEnd = ({ cause, reason }) => reject(new ProcessError(cause, reason));
		let healthy = false;
		try {
			const { result, keep = true } = await Promise.race([work(member.process), cut]);
			healthy = keep;
			return result;
		} finally {
			clearTimeout(deadline);
			signal?.removeEventListener('abort', cancel);
			member.onEnd = undefined;
			this.giveBack(member, healthy);
		}
	}

	/** Waits until a process may be used. */
	private async turn(signal: AbortSignal | undefined): Promise<void> {
		signal?.throwIfAborted();
		const { limit, maxWaiting = 1_000 } = this.settings;
		if (this.busy < limit) {
			this.busy++;
			return;
		}
		if (this.waiting.size >= maxWaiting) {
			throw new ProcessError('overloaded', `${maxWaiting} others are waiting already`);
		}
		await new Promise<void>((resolve, reject) => {
			const go = (): void => {
				signal?.removeEventListener('abort', cancel);
				resolve();
			};
			const cancel = (): void => {
				this.waiting.delete(go);
				reject(asError(signal?.reason));
			};
			signal?.addEventListener('abort', cancel, { once: true });
			this.waiting.add(go);
		});
	}

	private takeOrLeave(): Member<Sent, Received> {
		try {
			return this.take();
		} catch (error) {
			this.passOn();
			throw error;
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
		member.process.setBusy(false);
		if (healthy && member.uses < maxUses && this.members.has(member)) this.free.add(member);
		else {
			this.forget(member);
			member.process.kill();
		}
		this.passOn();
	}

	/** The place goes to who has waited longest. */
	private passOn(): void {
		const [next] = this.waiting;
		if (next) {
			this.waiting.delete(next);
			next();
		} else {
			this.busy--;
		}
	}

	private forget(member: Member<Sent, Received>): void {
		this.members.delete(member);
		this.free.delete(member);
	}
}

function asError(reason: unknown): Error {
	return reason instanceof Error ? reason : new Error(`Cancelled: ${String(reason)}`);
}
