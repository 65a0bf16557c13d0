import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { packFiles } from '../../support';
import type { EmbeddedBatch, ThreadAnswer, ThreadTask } from './worker';

/** The program of the thread; it is there in the built package, where it can load the rest of this module. */
const PROGRAM = path.join(__dirname, 'worker.js');
/** An idle thread gives its 40 MB back. */
const IDLE_MS = 10_000;

interface Waiting {
	readonly resolve: (answer: EmbeddedBatch | undefined) => void;
}

/**
 * A second static model in a thread of its own, so that many texts are embedded beside the event loop and on another
 * core. It is a help, never a need: whoever is not served by it embeds in the own thread and gets the same vectors.
 */
class EmbeddingThread {
	private readonly worker: Worker;
	private readonly waiting = new Map<number, Waiting>();
	private tasks = 0;
	private idle: NodeJS.Timeout | undefined;
	/** It has loaded the model and has not ended. */
	ready = false;

	constructor(private readonly onEnd: () => void) {
		this.worker = new Worker(PROGRAM, {
			execArgv: [],
			env: {},
			resourceLimits: { maxOldGenerationSizeMb: 256 },
		});
		this.worker.unref();
		this.worker.on('message', (answer: ThreadAnswer) => this.take(answer));
		// What it died of does not matter to the texts: they are embedded without it.
		this.worker.on('error', () => this.end());
		this.worker.on('exit', () => this.end());
		this.rest();
	}

	/** Resolves to undefined when the thread ended before it was done. */
	embed(texts: readonly string[]): Promise<EmbeddedBatch | undefined> {
		return new Promise((resolve) => {
			clearTimeout(this.idle);
			const id = this.tasks++;
			this.waiting.set(id, { resolve });
			// Keeps the process alive while somebody waits.
			this.worker.ref();
			this.worker.postMessage({ id, texts } satisfies ThreadTask);
		});
	}

	private take(answer: ThreadAnswer): void {
		if ('ready' in answer) {
			this.ready = true;
			return;
		}
		this.waiting.get(answer.id)?.resolve(answer);
		this.waiting.delete(answer.id);
		if (this.waiting.size === 0) this.rest();
	}

	private rest(): void {
		this.worker.unref();
		this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
	}

	private end(): void {
		this.ready = false;
		clearTimeout(this.idle);
		for (const { resolve } of this.waiting.values()) resolve(undefined);
		this.waiting.clear();
		this.onEnd();
		void this.worker.terminate();
	}
}

let current: EmbeddingThread | undefined;

/**
 * Embeds texts in the thread, `texts.length × dimensions` numbers in a row. Resolves to undefined where they have to be
 * embedded here: the thread is not there yet (the first call starts it), or it ended.
 */
export async function embedAside(texts: readonly string[]): Promise<EmbeddedBatch | undefined> {
	current ??= start();
	return current?.ready ? await current.embed(texts) : undefined;
}

function start(): EmbeddingThread | undefined {
	if (packFiles() !== 'ours' || !existsSync(PROGRAM)) return undefined;
	const thread = new EmbeddingThread(() => {
		if (current === thread) current = undefined;
	});
	return thread;
}
