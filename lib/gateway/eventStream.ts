import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';

/**
 * One server-sent stream. Writes of the same turn of the event loop leave as one packet; a client that reads slowly slows the
 * writer down (`write` resolves when there is room again), so nothing piles up in memory.
 */
export class EventStream {
	private waiting = '';
	private flushing?: Promise<void>;
	private opened = false;
	private readonly heartbeat: NodeJS.Timeout;

	/**
	 * @param open sends the status line and headers; called before the first byte, at the latest after `keepAliveMs`
	 * @param keepAliveMs silence after which a comment line is sent
	 * @param unreadMs how long a client may not read before it is dropped
	 */
	constructor(
		private readonly response: ServerResponse,
		private readonly open: () => void,
		keepAliveMs: number,
		private readonly unreadMs: number,
	) {
		this.heartbeat = setInterval(() => {
			if (this.waiting === '' && !this.flushing) void this.write(': waiting\n\n');
		}, keepAliveMs);
		this.heartbeat.unref();
	}

	/** True once anything was sent: from then on an error can only be told inside the stream. */
	get started(): boolean {
		return this.opened;
	}

	/** Queues lines; await it to keep pace with the reader. */
	write(lines: string): Promise<void> | undefined {
		if (!this.opened) {
			this.opened = true;
			this.open();
		}
		this.heartbeat.refresh();
		this.waiting += lines;
		this.flushing ??= this.flush();
		return this.waiting.length > HIGH_WATER ? this.flushing : undefined;
	}

	/** Sends what is queued and ends the response. */
	async end(): Promise<void> {
		clearInterval(this.heartbeat);
		await this.flushing;
		this.response.end();
	}

	/** Stops the keep-alive of a stream that will be answered otherwise. */
	abandon(): void {
		clearInterval(this.heartbeat);
	}

	private async flush(): Promise<void> {
		do {
			await nextTurn();
			const lines = this.waiting;
			this.waiting = '';
			if (this.response.destroyed) break;
			if (lines !== '' && !this.response.write(lines)) await drained(this.response, this.unreadMs);
		} while (this.waiting !== '');
		this.flushing = undefined;
	}
}

/** Characters queued before the writer waits: some hundred chunks. */
const HIGH_WATER = 32_768;

/** Resolves when there is room again, or the client is gone; one that does not read for too long is dropped. */
function drained(response: ServerResponse, unreadMs: number): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => response.destroy(), unreadMs);
		const done = () => {
			clearTimeout(timer);
			response.off('drain', done).off('close', done);
			resolve();
		};
		response.on('drain', done).on('close', done);
	});
}
