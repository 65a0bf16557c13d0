import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createSlicer } from '../support';
import { IngestError } from '../ingest/errors';
import { reasonOf } from '../ingest/streams';
import type { DocumentLimits, ExtractedText } from '../ingest/types';
import type { ParserAnswer, ParserTask } from './worker';

/** An idle worker is kept for the next file: starting one and loading a parser takes 100–400 ms. */
const idleMs = 10_000;
/** Files after which a worker is replaced, should a parser leak. */
const maxFiles = 200;
/** Milliseconds between two looks at a worker's memory. */
const watchInterval = 50;

const idle: ParserWorker[] = [];

/**
 * Has a file read by its parser in a worker, so that a hostile one can neither hold the event loop, nor run for ever,
 * nor eat the process's memory: past the deadline or the bound the worker is ended and the file fails alone.
 */
export async function parseInWorker(
	task: Pick<ParserTask, 'kind' | 'data'>,
	limits: DocumentLimits,
	signal: AbortSignal,
): Promise<ExtractedText> {
	signal.throwIfAborted();
	const worker = idle.pop() ?? new ParserWorker(limits);
	try {
		const answer = await worker.parse({ ...task, textLength: limits.textLength }, limits, signal);
		worker.rest();
		return await toExtracted(answer);
	} catch (error) {
		// Ending a healthy worker after a file it refused costs little; keeping a sick one may cost much.
		await worker.end();
		throw error;
	}
}

async function toExtracted(answer: Extract<ParserAnswer, { ok: true }>): Promise<ExtractedText> {
	const bytes = Buffer.from(answer.text.buffer, answer.text.byteOffset, answer.text.byteLength);
	const turn = createSlicer();
	const parts: string[] = [];
	for (let at = 0; at < bytes.byteLength; at += 1 << 20) {
		parts.push(bytes.toString('utf16le', at, Math.min(bytes.byteLength, at + (1 << 20))));
		await turn();
	}
	const { title, metadata, locations, warnings } = answer;
	return {
		text: parts.join('').toWellFormed(),
		...(title === undefined ? {} : { title: title.slice(0, 2048).toWellFormed() }),
		...(metadata === undefined ? {} : { metadata }),
		...(locations === undefined ? {} : { locations }),
		...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
	};
}

class ParserWorker {
	private readonly worker: Worker;
	private files = 0;
	private idleTimer: NodeJS.Timeout | undefined;

	constructor(limits: DocumentLimits) {
		// The same file as .ts under a test runner and as .js in the built package.
		this.worker = new Worker(join(__dirname, `worker${extname(__filename)}`), {
			resourceLimits: { maxOldGenerationSizeMb: Math.ceil(limits.parseBytes / 2 ** 20), stackSizeMb: 4 },
			execArgv: [],
			env: {},
			stderr: true,
			stdout: true,
		});
		this.worker.unref();
	}

	async parse(
		task: ParserTask,
		limits: DocumentLimits,
		signal: AbortSignal,
	): Promise<Extract<ParserAnswer, { ok: true }>> {
		clearTimeout(this.idleTimer);
		this.files++;
		this.worker.ref();
		const { promise, resolve, reject } = Promise.withResolvers<ParserAnswer>();
		const fail = (reason: string): void => reject(new IngestError('document', reason));
		const cancel = (): void => reject(reasonOf(signal));
		const seconds = Math.round(limits.parseMs / 1000);
		const deadline = setTimeout(
			() => fail(`The file could not be read within ${seconds} s. It may be damaged; try to save it again.`),
			limits.parseMs,
		);
		const watch = setInterval(() => {
			this.memory().then(
				(bytes) => {
					if (bytes > limits.parseBytes) {
						fail(`Reading the file takes more than ${Math.round(limits.parseBytes / 2 ** 20)} MB of memory.`);
					}
				},
				() => undefined,
			);
		}, watchInterval);
		const onError = (error: Error): void =>
			fail(
				'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
					? `Reading the file takes more than ${Math.round(limits.parseBytes / 2 ** 20)} MB of memory.`
					: `The parser broke on the file: ${error.message}`,
			);
		const onExit = (): void => fail('The parser ended without an answer.');
		signal.addEventListener('abort', cancel, { once: true });
		this.worker.once('message', resolve).once('error', onError).once('exit', onExit);
		try {
			this.worker.postMessage(task);
			const answer = await promise;
			if (!answer.ok) throw new IngestError('document', answer.reason);
			return answer;
		} finally {
			clearTimeout(deadline);
			clearInterval(watch);
			signal.removeEventListener('abort', cancel);
			this.worker.off('message', resolve).off('error', onError).off('exit', onExit);
			this.worker.unref();
		}
	}

	/** Ready for the next file. */
	rest(): void {
		if (this.files >= maxFiles) {
			void this.end();
			return;
		}
		idle.push(this);
		this.idleTimer = setTimeout(() => {
			const at = idle.indexOf(this);
			if (at >= 0) idle.splice(at, 1);
			void this.end();
		}, idleMs);
		this.idleTimer.unref();
	}

	async end(): Promise<void> {
		clearTimeout(this.idleTimer);
		// Ending it is not a failure of the file that was read before.
		this.worker.on('error', () => undefined);
		await this.worker.terminate();
	}

	/** Bytes on the worker's heap and in its buffers, which the engine's own limits leave out. */
	private async memory(): Promise<number> {
		const { used_heap_size: heap, external_memory: external } = await this.worker.getHeapStatistics();
		return heap + external;
	}
}
