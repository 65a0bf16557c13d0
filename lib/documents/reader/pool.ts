import { on } from 'node:events';
import path from 'node:path';
import { createSlicer, ProcessError, ProcessPool, type OwnProcess } from '../../support';
import { DocumentError } from '../errors';
import type { ParsedKind } from '../kinds';
import type { Block, FileContent, InnerFile, ReadDocument, ReadLimits } from '../types';
import { PART_BYTES, type FromReader, type ToReader, type Wanted } from './messages';
import { takesMoreThan } from './tooLarge';

type Reader = OwnProcess<ToReader, FromReader>;

/**
 * A file of many pages, a long scan, is read for as long as so many files: an hour by default. The readers are few, and a file
 * may be made so that each of its thousand pages takes two minutes.
 */
const MOST_TIMES = 30;
/**
 * Pages that may take as long as a file, all together: half a minute each by default. A single page may take longer, but not
 * each of them.
 */
const PAGES_A_TIME = 4;

/**
 * Files read at once by all executions of this n8n (and as many by its sync process): each takes a core while it works, and
 * up to `parseBytes` of memory besides some 100 MB.
 */
export const READERS = 2;

/** One set for the whole process. */
export const readers = new ProcessPool<ToReader, FromReader>({
	program: path.join(__dirname, 'program'),
	limit: READERS,
	// A machine with two cores has one for n8n while two hostile files are read.
	nice: 10,
	// Starting one and loading a parser takes 300–600 ms.
	idleMs: 10_000,
	maxUses: 200,
});

export interface ReadResult {
	readonly document: ReadDocument;
	readonly files: readonly InnerFile[];
}

/**
 * Has a file read by its parser in a process of its own, so that a hostile one can neither hold the event loop, nor run for
 * ever, nor eat n8n's memory: past the deadline or the bound the process is ended and the file fails alone.
 *
 * @param want what is not wanted is left empty
 * @throws DocumentError, the signal's reason
 */
export async function readInProcess(
	content: FileContent & { readonly kind: ParsedKind },
	limits: ReadLimits,
	signal: AbortSignal,
	want: Wanted,
): Promise<ReadResult> {
	try {
		return await readers.use(async (reader) => await read(reader, content, limits, want), {
			// `read` watches the deadline of each page, and at the end of one that of the file.
			...{ deadlineMs: limits.parseMs * (MOST_TIMES + 1), signal },
			// Two long files cannot keep all others from being read.
			longAfterMs: limits.parseMs,
		});
	} catch (thrown) {
		throw thrown instanceof ProcessError ? explain(thrown, limits) : thrown;
	}
}

async function read(
	reader: Reader,
	{ kind, name, bytes }: FileContent & { readonly kind: ParsedKind },
	{ textLength, parseBytes, parseMs }: ReadLimits,
	want: Wanted,
): Promise<{ result: ReadResult; keep: boolean }> {
	const messages = on(reader, 'message', { close: ['end'] }) as AsyncIterableIterator<
		[FromReader],
		undefined
	>;
	try {
		await inTime(
			reader.send({
				...{ kind, ...(name === undefined ? {} : { name }), want },
				...{ size: bytes.byteLength, textLength, memoryBytes: parseBytes },
			}),
			parseMs,
		);
		for (let at = 0; at < bytes.byteLength; at += PART_BYTES) {
			await inTime(reader.send({ part: bytes.subarray(at, at + PART_BYTES) }), parseMs);
		}
		const answer = await answerOf(messages, parseMs);
		if ('refused' in answer) {
			throw new DocumentError(answer.tooLarge ? 'tooLarge' : 'unreadable', answer.refused);
		}
		if (!('found' in answer)) throw new Error('The reader sent text before its answer.');
		const text = await textOf(messages, answer.textBytes);
		const blocks = await blocksOf(messages, answer.blockCount);
		const files: InnerFile[] = [];
		for (const { size, ...file } of answer.files) {
			files.push({ ...file, bytes: await bytesOf(messages, size) });
		}
		return { result: { document: { ...answer.found, text, blocks }, files }, keep: !answer.worn };
	} finally {
		await messages.return?.();
	}
}

/**
 * What the reader says after its pages: each may take as long as a file.
 * @throws DocumentError when they take too long together
 */
async function answerOf(
	messages: AsyncIterator<[FromReader], undefined>,
	parseMs: number,
): Promise<Exclude<FromReader, { readonly page: 'done' }>> {
	const start = performance.now();
	for (let pages = 1; ; pages++) {
		const answer = await inTime(nextOf(messages), parseMs);
		if (!('page' in answer)) return answer;
		const allowed = parseMs * Math.min(MOST_TIMES, 1 + pages / PAGES_A_TIME);
		if (performance.now() - start < allowed) continue;
		const minutes = Math.ceil((performance.now() - start) / 60_000);
		throw new DocumentError(
			'tooLarge',
			`The pages of the file take too long to read: ${pages} took ${minutes} minutes. Split it into files of fewer pages.`,
		);
	}
}

/** A process may stand still at any step, while it is handed a file too. */
async function inTime<T>(step: Promise<T>, ms: number): Promise<T> {
	const { promise: late, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(
		() => reject(new ProcessError('deadline', `it was not done within ${Math.round(ms / 1000)} s`)),
		ms,
	);
	try {
		return await Promise.race([step, late]);
	} finally {
		clearTimeout(timer);
	}
}

async function blocksOf(
	messages: AsyncIterator<[FromReader], undefined>,
	count: number,
): Promise<readonly Block[]> {
	const blocks: Block[] = [];
	while (blocks.length < count) {
		const message = await nextOf(messages);
		if (!('blocks' in message))
			throw new Error('The reader sent another answer before the end of its blocks.');
		blocks.push(...message.blocks);
	}
	return blocks;
}

async function nextOf(messages: AsyncIterator<[FromReader], undefined>): Promise<FromReader> {
	const next = await messages.next();
	// Its end is told by the pool.
	return next.done === true ? await new Promise<never>(() => undefined) : next.value[0];
}

async function textOf(messages: AsyncIterator<[FromReader], undefined>, size: number): Promise<string> {
	const turn = createSlicer();
	const parts: string[] = [];
	for (let read = 0; read < size; ) {
		const message = await nextOf(messages);
		if (!('part' in message)) throw new Error('The reader sent another answer before the end of a text.');
		const { part } = message;
		read += part.byteLength;
		// Its length is even: no unit is cut in two.
		const buffer = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
		for (let at = 0; at < buffer.byteLength; at += 1 << 20) {
			parts.push(buffer.toString('utf16le', at, Math.min(buffer.byteLength, at + (1 << 20))));
			await turn();
		}
	}
	return parts.join('').toWellFormed();
}

async function bytesOf(messages: AsyncIterator<[FromReader], undefined>, size: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(size);
	for (let at = 0; at < size; ) {
		const message = await nextOf(messages);
		if (!('part' in message)) throw new Error('The reader sent another answer before the end of a file.');
		bytes.set(message.part, at);
		at += message.part.byteLength;
	}
	return bytes;
}

function explain(error: ProcessError, { parseMs, parseBytes }: ReadLimits): DocumentError {
	const options = { cause: error };
	switch (error.kind) {
		case 'deadline': {
			const seconds = Math.round(parseMs / 1000);
			const message = `The file could not be read within ${seconds} s. It may be damaged; try to save it again.`;
			return new DocumentError('tooLarge', message, options);
		}
		case 'memory':
			return new DocumentError('tooLarge', takesMoreThan(parseBytes), options);
		case 'overloaded':
			return new DocumentError(
				'overloaded',
				`The file cannot be read now: ${error.message}. Send fewer files at once, or send it again later.`,
				options,
			);
		case 'hung':
		case 'ended':
		case 'notStarted':
			return new DocumentError(
				'ended',
				`The process that reads files ended early: ${error.message}. Run it again; if it happens again with the same file, save the file anew or give the machine more memory.`,
				options,
			);
	}
}
