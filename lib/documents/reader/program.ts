/**
 * The program of the process that reads files. The parser runs in a thread of it, so that this one stays free: it answers
 * heartbeats, ends with n8n, and watches how much memory the parser takes.
 *
 * The memory of a file is what the whole process has grown by since its parser began: JavaScript's heap, buffers and what
 * native code takes, and nothing that earlier files left behind. A process that keeps too much of it says that it is worn.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectToParent, messageOf } from '../../support';
import { BLOCKS_SENT, PART_BYTES, type FromReader, type ReadTask, type ToReader } from './messages';
import { takesMoreThan } from './tooLarge';
import type { PageDone, ParseAnswer, ParserLoaded, ParseTask } from './worker';

/** Milliseconds between two looks at the memory. */
const WATCH_MS = 25;
/** Memory kept after a file, beyond that of a fresh reader, that makes it worn. */
const WORN_BYTES = 128 * 1024 * 1024;

const fresh = process.memoryUsage.rss();
let thread: { readonly worker: Worker; readonly memoryBytes: number } | undefined;
let arriving: { readonly task: ReadTask; readonly bytes: Uint8Array<ArrayBuffer>; size: number } | undefined;

const send = connectToParent<ToReader, FromReader>((message) => {
	if ('part' in message) {
		arriving?.bytes.set(message.part, arriving.size);
		if (arriving) arriving.size += message.part.byteLength;
	} else {
		arriving = { task: message, bytes: new Uint8Array(message.size), size: 0 };
	}
	if (!arriving || arriving.size < arriving.task.size) return;
	const { task, bytes } = arriving;
	arriving = undefined;
	void read({ task, bytes });
});

async function read(given: ParseTask): Promise<void> {
	const answer = await parse(given).catch(
		(error: unknown): ParseAnswer => ({
			refused: `The parser broke on the file: ${messageOf(error)}`,
			tooLarge: false,
		}),
	);
	if ('refused' in answer) {
		await send(answer);
		return;
	}
	const { found, text, blocks, files } = answer;
	const worn = process.memoryUsage.rss() - fresh > WORN_BYTES;
	await send({
		...{ found, textBytes: text.byteLength, blockCount: blocks.length, worn },
		files: files.map(({ bytes, ...file }) => ({ ...file, size: bytes.byteLength })),
	});
	await sendBytes(text);
	for (let at = 0; at < blocks.length; at += BLOCKS_SENT) {
		await send({ blocks: blocks.slice(at, at + BLOCKS_SENT) });
	}
	for (const { bytes } of files) await sendBytes(bytes);
}

async function sendBytes(bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.byteLength; at += PART_BYTES) {
		await send({ part: bytes.subarray(at, at + PART_BYTES) });
	}
}

async function parse({ task, bytes }: ParseTask): Promise<ParseAnswer> {
	const worker = workerFor(task.memoryBytes);
	const { promise, resolve, reject } = Promise.withResolvers<ParseAnswer>();
	const tooMuch = (): void => resolve({ refused: takesMoreThan(task.memoryBytes), tooLarge: true });
	let before = Infinity;
	const watch = setInterval(() => {
		if (process.memoryUsage.rss() - before > task.memoryBytes) tooMuch();
	}, WATCH_MS);
	const onMessage = (message: ParserLoaded | PageDone | ParseAnswer): void => {
		if (message === 'loaded') before = process.memoryUsage.rss();
		else if (message === 'page') void send({ page: 'done' });
		else resolve(message);
	};
	const onError = (error: Error): void => {
		if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooMuch();
		else reject(error);
	};
	const onExit = (): void => reject(new Error('it ended without an answer'));
	worker.on('message', onMessage).once('error', onError).once('exit', onExit);
	try {
		worker.postMessage({ task, bytes } satisfies ParseTask, [bytes.buffer]);
		return await promise;
	} finally {
		clearInterval(watch);
		worker.off('message', onMessage).off('error', onError).off('exit', onExit);
	}
}

/** The thread with the parsers. Where it failed the parent ends this process: it is never used again. */
function workerFor(memoryBytes: number): Worker {
	if (thread?.memoryBytes === memoryBytes) return thread.worker;
	void thread?.worker.terminate();
	// The same file as .ts under a test runner and as .js in the built package.
	const worker = new Worker(join(__dirname, `worker${extname(__filename)}`), {
		resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / 2 ** 20), stackSizeMb: 4 },
		stderr: true,
		stdout: true,
	});
	// While nothing is read; `parse` has listeners of its own.
	worker.on('error', () => undefined);
	thread = { worker, memoryBytes };
	return worker;
}
