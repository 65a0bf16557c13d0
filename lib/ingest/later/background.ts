import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Embedder } from '../../embedding';
import { IndexError, openIndex, type IndexAddress } from '../../vectorIndex';
import { messageOf, takeLease, type CallContext } from '../../support';
import { finishVectors } from './finishVectors';
import { keyOfAddress, readNotes, removeNote, writeNote } from './notes';
import { rememberFailure } from './state';

/** Another process works, or this one has failed: looked at again after so long. */
const RETRY_MS = { taken: 15_000, failed: 300_000 };

/** How far the work at one index is, for people. */
export interface BackgroundJob {
	readonly onProgress: NonNullable<CallContext['onProgress']>;
	/** @param error why it failed */
	end(error?: string): Promise<void>;
}

export interface BackgroundSettings {
	/** Folder that all processes share which are to have one worker: the lease and the list of unfinished indexes are there. */
	readonly folder: string;
	/**
	 * The built-in model of that name; undefined for any other: no key of an engine is kept for later. It remembers vectors for this
	 * scope alone: what is in one index is not answered faster to the reader of another.
	 */
	readonly embedderOf: (model: string, cacheScope: string) => Embedder | undefined;
	/** Undefined where nobody is to see it. */
	readonly startJob?: (address: IndexAddress) => BackgroundJob | undefined;
	readonly onError?: (thrown: unknown) => void;
	readonly retryMs?: typeof RETRY_MS;
}

/**
 * Computes missing vectors while nobody waits: one index after the other, in one of the processes that share the folder. What
 * is not done when the process ends is gone on with by the next one that uses the pack. It does not keep a process alive.
 */
export class BackgroundVectors {
	private readonly waiting = new Map<string, IndexAddress>();
	private readonly folder: string;
	private readonly stopped = new AbortController();
	private working: Promise<void> | undefined;
	private timer: NodeJS.Timeout | undefined;

	constructor(private readonly settings: BackgroundSettings) {
		this.folder = path.join(settings.folder, 'pending-vectors');
	}

	/** An index has rows that wait for their vectors. Resolves when that is written down. */
	async add(address: IndexAddress): Promise<void> {
		const { version: _, ...live } = address;
		await writeNote(this.folder, live);
		this.waiting.set(keyOfAddress(live), live);
		this.start();
	}

	/** Goes on with what a process left that has ended. */
	async resume(): Promise<void> {
		for (const address of await readNotes(this.folder)) this.waiting.set(keyOfAddress(address), address);
		this.start();
	}

	/** Resolves when there is nothing more to do now. */
	async idle(): Promise<void> {
		await this.working;
	}

	/** Ends the work; the rest is done by the next process. */
	async stop(): Promise<void> {
		this.stopped.abort(new Error('The work in the background was stopped'));
		clearTimeout(this.timer);
		await this.working;
	}

	private start(): void {
		if (this.waiting.size === 0 || this.stopped.signal.aborted) return;
		this.working ??= this.work()
			.catch((thrown: unknown) => {
				this.settings.onError?.(thrown);
				this.later('failed');
			})
			.finally(() => (this.working = undefined));
	}

	private later(why: keyof typeof RETRY_MS): void {
		if (this.stopped.signal.aborted) return;
		const { retryMs = RETRY_MS } = this.settings;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.start(), retryMs[why]).unref();
	}

	private async work(): Promise<void> {
		const lease = await takeLease(path.join(this.folder, 'worker.lease'));
		if (!lease) {
			this.later('taken');
			return;
		}
		const signal = AbortSignal.any([lease.lost, this.stopped.signal]);
		const failed = new Set<string>();
		try {
			for (;;) {
				const next = [...this.waiting].find(([key]) => !failed.has(key));
				if (!next || signal.aborted) break;
				const [key, address] = next;
				// Before the work: what is added meanwhile counts.
				this.waiting.delete(key);
				if (await this.finish(address, signal)) continue;
				this.waiting.set(key, address);
				failed.add(key);
			}
		} finally {
			await lease.release();
		}
		if (this.waiting.size > 0) this.later(lease.lost.aborted ? 'taken' : 'failed');
	}

	/** Resolves to false where something is left to do. */
	private async finish(address: IndexAddress, signal: AbortSignal): Promise<boolean> {
		// Opening an index makes its folder, which may have been removed with its space.
		if (address.backend === 'embedded' && !existsSync(address.directory)) {
			await removeNote(this.folder, address);
			return true;
		}
		const { embedderOf, startJob, onError } = this.settings;
		let job: BackgroundJob | undefined;
		try {
			const index = await openIndex(address);
			const embedder = embedderOf((await index.settings()).model, keyOfAddress(address));
			if (embedder && (await index.pending.coverage()).pending > 0) {
				job = startJob?.(address);
				await finishVectors(index, embedder, { signal, onProgress: job?.onProgress });
			}
			await job?.end();
			await removeNote(this.folder, address);
			// Stored between the last look and the removal of the note.
			if (embedder && (await index.pending.coverage()).pending > 0) await this.add(address);
			return true;
		} catch (thrown) {
			await job?.end(messageOf(thrown));
			if (signal.aborted) return false;
			if (thrown instanceof IndexError && thrown.kind === 'notFound') {
				await removeNote(this.folder, address);
				return true;
			}
			onError?.(thrown);
			await openIndex(address)
				.then((index) => rememberFailure(index, messageOf(thrown)))
				// What cannot be written to cannot be told about the failure either.
				.catch((second: unknown) => onError?.(second));
			return false;
		}
	}
}
