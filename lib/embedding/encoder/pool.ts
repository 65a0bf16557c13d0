import { packFailure } from '../../support';
import { EmbeddingError } from '../errors';
import { Pace } from './pace';
import { EncoderProcess, type Ending } from './process';
import type { EncoderOutput, ModelFiles } from './protocol';
import { nativeRuntime, PROGRAM, type Runtime } from './runtime';

export interface EncoderPoolOptions extends ModelFiles {
	/** Processes at most; each takes a core while it works and about 200 MB. Default 1. */
	readonly processes?: number;
	/** Requests waiting at most; the next one fails `overloaded`. Default 1,000. */
	readonly maxWaiting?: number;
	/** A process without work ends after this time. Default 60,000 ms. */
	readonly idleMs?: number;
	/** A process that does not react for this long while it works is replaced. Default 60,000 ms. */
	readonly silentMs?: number;
	/** Looks for a faster runtime on the host, used if it passes its test. Default: onnxruntime-node, where installed. */
	readonly findNative?: () => Runtime | undefined;
	/** Flags of Node for the processes, and the program they run; for tests. */
	readonly nodeFlags?: readonly string[];
	readonly program?: string;
}

interface Job {
	readonly ids: Int32Array;
	readonly output: EncoderOutput;
	readonly resolve: (data: Float32Array) => void;
	readonly reject: (error: Error) => void;
	/** Processes that ended while they computed it. */
	deaths: number;
	done: boolean;
}

interface Member {
	readonly process: EncoderProcess;
	readonly runtime: Runtime;
	/** Sent and not answered, oldest first; the process works on the first. */
	readonly jobs: Map<number, Job>;
}

/** Requests sent ahead to a process: it must not wait for us between two texts. */
const AHEAD = 2;
/** After starting failed, calls fail at once for so long instead of starting processes over and over. */
const RETRY_AFTER_MS = 5_000;

/**
 * The encoder processes of this process: started at the first request, ended when idle, restarted when they die. A
 * request whose process dies is run again, once: a text that kills two processes is reported, not tried for ever.
 */
export class EncoderPool {
	private readonly members = new Set<Member>();
	private waiting: Job[] = [];
	private limit: number;
	private nextId = 0;
	private failedStarts = 0;
	private refused?: { readonly error: EmbeddingError; readonly until: number };
	private nativeUsable = true;
	/** How fast one process is, as measured so far. */
	readonly pace = new Pace();

	constructor(private readonly options: EncoderPoolOptions) {
		this.limit = options.processes ?? 1;
	}

	/** Allows more processes; never fewer than already allowed. */
	allow(processes: number): void {
		this.limit = Math.max(this.limit, processes);
	}

	get processes(): number {
		return this.limit;
	}

	/** Ids of the operating system of the processes now running. */
	get pids(): number[] {
		return [...this.members].flatMap(({ process }) => (process.usable ? (process.pid ?? []) : []));
	}

	/**
	 * Runs the model on the tokens of one text.
	 * Rejects with `cancelled`, `overloaded`, `encoderFailed` or `modelMissing`.
	 */
	run(ids: Int32Array, output: EncoderOutput, signal?: AbortSignal): Promise<Float32Array> {
		const { maxWaiting = 1000 } = this.options;
		if (signal?.aborted) return Promise.reject(cancelled(signal));
		if (this.refused && Date.now() < this.refused.until) return Promise.reject(this.refused.error);
		if (this.waiting.length >= maxWaiting) {
			return Promise.reject(
				new EmbeddingError(
					'overloaded',
					`${maxWaiting} texts are already waiting for the built-in encoder. Run fewer executions at once, allow it more processes, or choose Built-In, Fast as the embedding model.`,
				),
			);
		}
		return new Promise((resolve, reject) => {
			const settle = (finish: () => void): void => {
				job.done = true;
				signal?.removeEventListener('abort', onAbort);
				finish();
			};
			const job: Job = {
				ids,
				output,
				resolve: (data) => settle(() => resolve(data)),
				reject: (error) => settle(() => reject(error)),
				deaths: 0,
				done: false,
			};
			const onAbort = (): void => {
				this.waiting = this.waiting.filter((other) => other !== job);
				job.reject(cancelled(signal));
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.waiting.push(job);
			this.dispatch();
		});
	}

	/** Ends all processes; requests under way fail with `closed`. */
	close(): void {
		const error = new EmbeddingError('closed', 'The built-in encoder was closed.');
		for (const job of [
			...this.waiting.splice(0),
			...[...this.members].flatMap((member) => [...member.jobs.values()]),
		]) {
			if (!job.done) job.reject(error);
		}
		for (const member of this.members) this.remove(member);
	}

	private dispatch(): void {
		while (this.waiting.length > 0) {
			const free = [...this.members].filter(({ process, jobs }) => process.usable && jobs.size < AHEAD);
			const member = free.sort((a, b) => a.jobs.size - b.jobs.size)[0];
			// A second text for a busy process only when no further process may be started.
			if (!member || (member.jobs.size > 0 && this.members.size < this.limit)) {
				if (this.members.size >= this.limit || !this.start()) return;
				continue;
			}
			const job = this.waiting.shift();
			if (!job) return;
			const id = this.nextId++;
			member.jobs.set(id, job);
			member.process.send(id, job.ids, job.output);
			member.process.setBusy(true);
		}
	}

	private start(): boolean {
		const updating = packFailure();
		if (updating) {
			// A process that runs already takes them; else they are asked for again when the files are there.
			if (this.members.size === 0) for (const job of this.waiting.splice(0)) job.reject(updating);
			return false;
		}
		const runtime = this.chooseRuntime();
		const { model, modelFile, modelHash, wordTable, nodeFlags = [], program = PROGRAM } = this.options;
		const { idleMs = 60_000, silentMs = 60_000 } = this.options;
		const process: EncoderProcess = new EncoderProcess(
			{ runtime, files: { model, modelFile, modelHash, wordTable }, nodeFlags, program, idleMs, silentMs },
			{
				onReady: () => (this.failedStarts = 0),
				onResult: (id, result, ms) => this.finish(member, id, result, ms),
				onEnd: (ending) => this.bury(member, ending),
			},
		);
		const member: Member = { process, runtime, jobs: new Map() };
		this.members.add(member);
		return true;
	}

	private chooseRuntime(): Runtime {
		const { findNative = nativeRuntime } = this.options;
		return (this.nativeUsable ? findNative() : undefined) ?? { kind: 'wasm' };
	}

	private finish(member: Member, id: number, result: Float32Array | Error, ms: number): void {
		const job = member.jobs.get(id);
		member.jobs.delete(id);
		member.process.setBusy(member.jobs.size > 0);
		if (job && !(result instanceof Error)) this.pace.computed(job.ids.length, ms);
		if (job && !job.done) {
			if (result instanceof Error) {
				job.reject(
					new EmbeddingError(
						'encoderFailed',
						`The built-in encoder could not embed a text: ${result.message}.`,
						{ cause: result },
					),
				);
			} else {
				job.resolve(result);
			}
		}
		this.dispatch();
	}

	private remove(member: Member): void {
		this.members.delete(member);
		member.process.setBusy(false);
		member.process.kill();
	}

	/** A process ended: its requests go back to the front of the queue. */
	private bury(member: Member, ending: Ending): void {
		if (!this.members.delete(member)) return;
		const jobs = [...member.jobs.values()].filter((job) => !job.done);
		if (!ending.wasReady && member.runtime.kind === 'native') {
			// Installed for another platform, say; our own code works everywhere.
			this.nativeUsable = false;
		} else if (!ending.wasReady) {
			this.failedStarts++;
		} else if (jobs[0]) {
			jobs[0].deaths++;
		}
		this.waiting.unshift(...jobs);
		const failure = this.failureOf(ending);
		if (ending.broken?.cause === 'model' || this.failedStarts >= 2) {
			this.failedStarts = 0;
			this.refuse(failure);
			return;
		}
		const first = jobs[0];
		if (first && first.deaths >= 2) {
			if (member.runtime.kind === 'native') {
				// It may be the runtime that crashes: the text gets another chance without it.
				this.nativeUsable = false;
				first.deaths = 1;
			} else {
				void this.waiting.shift();
				first.reject(failure);
			}
		}
		this.dispatch();
	}

	private failureOf({ broken, reason, wasReady }: Ending): EmbeddingError {
		if (broken?.cause === 'model') {
			return new EmbeddingError(
				'modelMissing',
				`The model of the built-in encoder (${this.options.modelFile}) cannot be used: ${broken.message}. Reinstall the package to restore it.`,
			);
		}
		const what = wasReady ? 'ended twice while it embedded one text' : 'could not be started';
		return new EmbeddingError(
			'encoderFailed',
			`The process of the built-in encoder ${what}: ${broken?.message ?? reason}. It needs about 200 MB of memory beside n8n; if there is less, choose Built-In, Fast as the embedding model.`,
		);
	}

	private refuse(error: EmbeddingError): void {
		this.refused = { error, until: Date.now() + RETRY_AFTER_MS };
		for (const job of this.waiting.splice(0)) job.reject(error);
	}
}

function cancelled(signal: AbortSignal | undefined): EmbeddingError {
	return new EmbeddingError('cancelled', 'Embedding was cancelled.', { cause: signal?.reason });
}
