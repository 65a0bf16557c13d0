import type { ChatListener } from '../chat';
import { EngineError, type Attempt } from '../errors';
import type { Exchange } from '../transport/exchange';
import type { ChatEvent, ChatResult, TokenLogprob } from '../types/chat';

/** Unread text above this pauses the engine's socket, half of it lets it run again. */
const HIGH_WATER = 256 * 1024;

/**
 * Between an engine that sends when it likes and a consumer that reads when it likes. Text that nobody has read yet grows
 * as one event, so a slow reader costs no queue of tiny objects; a reader that stops ends the request on the engine.
 */
export class ChatStream implements AsyncIterableIterator<ChatEvent, undefined>, ChatListener {
	private readonly queue: ChatEvent[] = [];
	private unread = 0;
	private waiting:
		| { resolve: (result: IteratorResult<ChatEvent, undefined>) => void; reject: (error: Error) => void }
		| undefined;
	private started = false;
	private announced = false;
	private ended = false;
	private error: Error | undefined;
	private engine = '';
	private model = '';
	private attempts: readonly Attempt[] = [];
	private ignored: readonly string[] = [];
	private current: Exchange | undefined;
	private readonly stopper = new AbortController();

	/** `run` begins with the first `next()`: a stream nobody reads asks nobody. */
	constructor(
		private readonly run: (listener: ChatListener, signal: AbortSignal) => Promise<ChatResult>,
		private readonly signal: AbortSignal | undefined,
	) {}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<ChatEvent, undefined>> {
		if (!this.started) this.start();
		const event = this.queue.shift();
		if (event !== undefined) {
			if (event.type === 'text' || event.type === 'reasoning') this.read(event.text.length);
			return Promise.resolve({ value: event, done: false });
		}
		if (this.error !== undefined) {
			const { error } = this;
			this.error = undefined;
			this.ended = true;
			return Promise.reject(error);
		}
		if (this.ended) return Promise.resolve({ value: undefined, done: true });
		return new Promise((resolve, reject) => {
			this.waiting = { resolve, reject };
		});
	}

	return(): Promise<IteratorResult<ChatEvent, undefined>> {
		this.ended = true;
		this.queue.length = 0;
		this.stopper.abort();
		return Promise.resolve({ value: undefined, done: true });
	}

	chosen = (
		engine: { readonly name: string },
		model: string,
		attempts: readonly Attempt[],
		ignored: readonly string[] = [],
	): void => {
		this.ignored = ignored;
		this.engine = engine.name;
		this.model = model;
		this.attempts = attempts;
	};

	exchange(exchange: Exchange): void {
		this.current = exchange;
	}

	text(text: string, logprobs?: readonly TokenLogprob[]): void {
		this.announce();
		this.grow('text', text, logprobs);
	}

	reasoning(text: string): void {
		this.announce();
		this.grow('reasoning', text, undefined);
	}

	toolCall(index: number, id: string, name: string, argumentsDelta: string): void {
		this.announce();
		this.push({ type: 'toolCall', index, id, name, argumentsDelta });
	}

	private start(): void {
		this.started = true;
		const onAbort = (): void => this.stopper.abort();
		if (this.signal?.aborted === true) this.stopper.abort();
		this.signal?.addEventListener('abort', onAbort, { once: true });
		this.run(this, this.stopper.signal)
			.then(
				(result) => this.finish(result),
				(error: unknown) => this.fail(error),
			)
			.finally(() => this.signal?.removeEventListener('abort', onAbort));
	}

	/** `start` comes with the first piece: until then another engine may take over. */
	private announce(): void {
		if (this.announced) return;
		this.announced = true;
		const { engine, model, ignored } = this;
		this.push({
			type: 'start',
			engine,
			model,
			attempts: [...this.attempts],
			...(ignored.length === 0 ? {} : { ignored }),
		});
	}

	private grow(
		type: 'text' | 'reasoning',
		text: string,
		logprobs: readonly TokenLogprob[] | undefined,
	): void {
		const last = this.queue.at(-1);
		if (
			this.waiting === undefined &&
			last?.type === type &&
			logprobs === undefined &&
			!('logprobs' in last)
		) {
			this.queue[this.queue.length - 1] = { type, text: last.text + text };
		} else {
			this.push(logprobs === undefined || type === 'reasoning' ? { type, text } : { type, text, logprobs });
			if (this.queue.length === 0) return;
		}
		this.unread += text.length;
		if (this.unread > HIGH_WATER) this.current?.pause();
	}

	private read(length: number): void {
		if (this.unread === 0) return;
		const before = this.unread;
		this.unread = Math.max(this.unread - length, 0);
		if (before > HIGH_WATER / 2 && this.unread <= HIGH_WATER / 2) this.current?.resume();
	}

	private push(event: ChatEvent): void {
		const { waiting } = this;
		if (waiting === undefined) {
			this.queue.push(event);
			return;
		}
		this.waiting = undefined;
		waiting.resolve({ value: event, done: false });
	}

	private finish(result: ChatResult): void {
		if (this.ended) return;
		this.engine = result.engine;
		this.announce();
		const { finishReason, usage, timings, warnings } = result;
		this.push({ type: 'end', finishReason, usage, timings, ...(warnings === undefined ? {} : { warnings }) });
		this.ended = true;
		this.waiting?.resolve({ value: undefined, done: true });
		this.waiting = undefined;
	}

	private fail(thrown: unknown): void {
		if (this.ended) return;
		const error = thrown instanceof Error ? thrown : new EngineError('badAnswer', String(thrown));
		const { waiting } = this;
		if (waiting === undefined) {
			this.error = error;
			return;
		}
		this.waiting = undefined;
		this.ended = true;
		waiting.reject(error);
	}
}
