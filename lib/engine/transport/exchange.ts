import { StringDecoder } from 'node:string_decoder';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** Absolute times on `performance.now()`'s clock or durations in ms, see `Deadlines` in types.ts. */
export interface ExchangeLimits {
	readonly connectMs: number;
	readonly firstTokenMs: number;
	readonly betweenTokensMs: number;
	/** How long a paused answer waits for its reader. Default: as long as the whole call may take. */
	readonly unreadMs?: number;
	/** Whether others wait for the engine's place: a paused answer then waits no longer than {@link WANTED_UNREAD_MS}. */
	readonly isWanted?: () => boolean;
	/** When the whole call must be over. */
	readonly endAt: number;
	/** Asked each `silentMs` until the first token: whether the engine hangs, and is to be left. */
	readonly hangs?: () => Promise<boolean>;
	readonly silentMs?: number;
}

export type TransportFailure =
	| 'connect'
	| 'closed'
	| 'tooLarge'
	| 'cancelled'
	| 'connectTimeout'
	| 'firstTokenTimeout'
	| 'hangs'
	| 'betweenTokensTimeout'
	| 'unreadTimeout'
	| 'totalTimeout';

/** What went wrong below HTTP; lib/engine turns it into an EngineError at one place (wire/failure.ts). */
export class TransportError extends Error {
	constructor(
		readonly failure: TransportFailure,
		/** Whether any byte of the answer had come. */
		readonly answered: boolean,
		options?: ErrorOptions,
	) {
		super(failure, options);
	}
}

export interface HttpAnswer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** The body; empty when it went to `onText`. */
	readonly text: string;
}

/** Receives a streamed body. Throwing ends the exchange with that error. */
export interface BodyReader {
	/** `text` is valid UTF-16: characters cut by a network chunk are held back. */
	onText(text: string): void;
	/** The body ended as HTTP says it should. */
	onEnd?(): void;
}

/** How long an answer may stay unread while others wait for its place: a reader that is only slow takes something in that time. */
const WANTED_UNREAD_MS = 5_000;
/** How often it is asked, while an answer is paused, whether others wait. */
const LOOK_MS = 500;

/** Whoever sends more than this as an answer, streamed or in one piece, is no engine (64 MB: 4,000 vectors of 4,096 floats). */
const MAX_BODY = 64 * 1024 * 1024;

/**
 * One request and its answer, as an undici handler: no stream objects, no promise per chunk. A single timer guards all
 * deadlines: tokens only write down the time, and the timer, when it fires, looks whether anything is really late.
 */
export class Exchange implements Dispatcher.DispatchHandler {
	/** Times on `performance.now()`'s clock; 0 = not yet. */
	startedAt = performance.now();
	private connectedAt = 0;
	private tokenAt = 0;
	private pausedAt = 0;
	private timer: NodeJS.Timeout | undefined;
	private controller: Dispatcher.DispatchController | undefined;
	private status = 0;
	private headers: IncomingHttpHeaders = {};
	private streaming = false;
	private readonly decoder = new StringDecoder('utf8');
	private held = false;
	private parts: string[] = [];
	private size = 0;
	private settled = false;
	private silentSince = performance.now();
	private readonly onAbort = () => this.fail(new TransportError('cancelled', this.status > 0));

	constructor(
		private readonly limits: ExchangeLimits,
		private readonly signal: AbortSignal | undefined,
		private readonly reader: BodyReader | undefined,
		private readonly resolve: (answer: HttpAnswer) => void,
		private readonly reject: (error: Error) => void,
		/** Told of everything that comes from the engine. */
		private readonly onHeard: () => void = () => undefined,
	) {
		signal?.addEventListener('abort', this.onAbort, { once: true });
		this.watch();
	}

	/** The reader calls this for every token: it is what the first-token and between-tokens deadlines wait for. */
	token(now = performance.now()): void {
		this.tokenAt = now;
	}

	/** It has succeeded or failed; nothing more comes of it. */
	get over(): boolean {
		return this.settled;
	}

	/** Stops the engine's socket until the reader has caught up; the deadlines of the call go on. */
	pause(): void {
		if (this.settled || this.pausedAt > 0) return;
		this.pausedAt = performance.now();
		this.controller?.pause();
		this.rewatch();
	}

	resume(): void {
		if (this.settled || this.pausedAt === 0) return;
		this.pausedAt = 0;
		// While paused nobody could send us a token: the silence was ours.
		if (this.tokenAt > 0) this.tokenAt = performance.now();
		this.controller?.resume();
		this.rewatch();
	}

	fail(error: Error): void {
		if (this.settled) return;
		this.settle();
		this.controller?.abort(error);
		this.reject(error);
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.controller = controller;
		this.connectedAt = performance.now();
		if (this.settled) controller.abort(new TransportError('cancelled', false));
	}

	onResponseStart(
		_controller: Dispatcher.DispatchController,
		status: number,
		headers: IncomingHttpHeaders,
	): void {
		this.onHeard();
		if (status < 200) return;
		this.status = status;
		this.headers = headers;
		this.streaming = this.reader !== undefined && status < 300;
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
		if (this.settled) return;
		this.onHeard();
		this.size += chunk.length;
		if (this.size > MAX_BODY) return this.fail(new TransportError('tooLarge', true));
		const text = this.decode(chunk);
		if (this.streaming && this.reader !== undefined) {
			try {
				this.reader.onText(text);
			} catch (error) {
				this.fail(error instanceof Error ? error : new Error(String(error)));
			}
			return;
		}
		this.parts.push(text);
	}

	onResponseEnd(): void {
		if (this.settled) return;
		if (this.streaming) {
			try {
				this.reader?.onEnd?.();
			} catch (error) {
				this.fail(error instanceof Error ? error : new Error(String(error)));
				return;
			}
		}
		this.settle();
		this.resolve({ status: this.status, headers: this.headers, text: this.parts.join('') });
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		if (this.settled) return;
		const connected = this.connectedAt > 0;
		this.fail(new TransportError(connected ? 'closed' : 'connect', this.status > 0, { cause: error }));
	}

	/** A chunk that ends in ASCII with nothing held back needs no decoder state: one native call. */
	private decode(chunk: Buffer): string {
		const last = chunk[chunk.length - 1];
		if (!this.held && last !== undefined && last < 0x80) return chunk.toString('utf8');
		const text = this.decoder.write(chunk);
		this.held = last !== undefined && last >= 0x80;
		return text;
	}

	private settle(): void {
		this.settled = true;
		clearTimeout(this.timer);
		this.signal?.removeEventListener('abort', this.onAbort);
	}

	/** Sets the timer to the earliest deadline that is still open, or fails if that has passed. */
	private readonly watch = (): void => {
		const { limits } = this;
		let due = this.startedAt + limits.connectMs;
		let failure: TransportFailure = 'connectTimeout';
		if (this.pausedAt > 0) {
			due = this.pausedAt + this.unreadMs();
			failure = 'unreadTimeout';
		} else if (this.tokenAt > 0) {
			due = this.tokenAt + limits.betweenTokensMs;
			failure = 'betweenTokensTimeout';
		} else if (this.connectedAt > 0) {
			due = this.startedAt + limits.firstTokenMs;
			failure = 'firstTokenTimeout';
		}
		if (limits.endAt <= due) {
			due = limits.endAt;
			failure = 'totalTimeout';
		}
		const now = performance.now();
		if (now >= due) {
			this.fail(new TransportError(failure, this.status > 0));
			return;
		}
		const silent = failure === 'firstTokenTimeout' || (failure === 'totalTimeout' && this.tokenAt === 0);
		if (silent) this.askWhetherItHangs(now);
		this.timer = setTimeout(this.watch, Math.min(Math.max(due - now, 1) + 1, this.sleepMs()));
		this.timer.unref();
	};

	private unreadMs(): number {
		const { unreadMs = Infinity, isWanted } = this.limits;
		return isWanted?.() ? Math.min(unreadMs, WANTED_UNREAD_MS) : unreadMs;
	}

	private askWhetherItHangs(now: number): void {
		const { hangs, silentMs = Infinity } = this.limits;
		if (hangs === undefined || now - this.silentSince < silentMs) return;
		this.silentSince = now;
		// Not knowing is no reason to leave it.
		void hangs().then(
			(it) => {
				if (it && this.tokenAt === 0) this.fail(new TransportError('hangs', this.status > 0));
			},
			() => undefined,
		);
	}

	private rewatch(): void {
		clearTimeout(this.timer);
		this.watch();
	}

	/**
	 * Deadlines get shorter when a state is reached (connected, first token), and reaching it does not touch the timer:
	 * so never sleep longer than the shortest one that may begin meanwhile.
	 */
	private sleepMs(): number {
		const { connectMs, firstTokenMs, betweenTokensMs, silentMs = Infinity } = this.limits;
		if (this.pausedAt > 0) return LOOK_MS;
		return Math.max(
			this.tokenAt > 0 ? betweenTokensMs : Math.min(connectMs, firstTokenMs, betweenTokensMs, silentMs),
			1,
		);
	}
}
