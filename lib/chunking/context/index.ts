import { mapInOrder, messageOf } from '../../support';
import { ChunkingError, stopIfCancelled } from '../errors';
import type { Chunk, ChunkFlag } from '../types';
import { createHeadingTracker, titleOf } from './headings';
import { firstOfKeyAlone } from './firstOfKey';
import { chunkRequest, cleanAnswer, summaryRequest } from './prompts';
import type { Complete, ContextOptions, ContextReport, ContextRequest, ContextServices } from './types';
import { windowAround } from './windows';

export type { Complete, ContextOptions, ContextReport, ContextRequest, ContextServices } from './types';

export const CONTEXT_DEFAULTS = { windowCharacters: 24_000, concurrency: 4, maxTokens: 120 } as const;

/** A model that failed this often in a row is not asked about the rest of the document: it is down, not unlucky. */
const FAILURES_IN_A_ROW = 8;

const KINDS: ReadonlyArray<ContextOptions['kind']> = ['headings', 'title', 'model'];

/**
 * Gives each chunk a `context`, to be put before its text for embedding and keyword search. Text and offsets stay as
 * they are. Chunks come out in order, one call a chunk at most; a chunk whose call fails keeps its text and gets the flag
 * `contextFailed`.
 *
 * @param chunks of `source`, in order
 * @returns yields the chunks and returns how many there were, how many calls were made and how many failed
 * @throws ChunkingError `invalidOptions`, `missingService` (kind `model` without `complete`), `cancelled`
 * @example for await (const chunk of addContext(chunks, source, { kind: 'headings' })) …
 */
export async function* addContext(
	chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
	source: string,
	options: ContextOptions,
	services: ContextServices = {},
): AsyncGenerator<Chunk, ContextReport> {
	const settings = resolve(options, services);
	const tally = new Tally();
	const abort = new AbortController();
	const signal = services.signal ? AbortSignal.any([services.signal, abort.signal]) : abort.signal;
	const headingsOf = createHeadingTracker(source);
	const title = options.title ?? titleOf(source);
	const ask = (request: ContextRequest, stop = signal): Promise<string | undefined> =>
		tally.ask(settings.complete, request, stop);

	try {
		if (options.kind === 'model') {
			const keyOf = (chunk: Chunk): string => windowAround(source, chunk, settings.windowCharacters);
			const contextFor = async (chunk: Chunk, stop: AbortSignal): Promise<Chunk> =>
				withAnswer(chunk, await ask(chunkRequest(keyOf(chunk), title, chunk.text, settings.maxTokens), stop));
			const work = firstOfKeyAlone(contextFor, keyOf);
			yield* tally.count(mapInOrder(chunks, settings.concurrency, work, signal), services);
		} else {
			const about =
				options.kind === 'title'
					? await aboutDocument(source, title, options, settings, ask)
					: { lines: [], failed: false };
			yield* tally.count(described(chunks, headingsOf, about), services);
		}
		return tally.report();
	} finally {
		abort.abort();
	}
}

interface Settings {
	readonly complete?: Complete;
	readonly windowCharacters: number;
	readonly concurrency: number;
	readonly maxTokens: number;
}

function resolve(options: ContextOptions, { complete }: ContextServices): Settings {
	if (!KINDS.includes(options.kind)) {
		throw new ChunkingError(
			'invalidOptions',
			`The context "${String(options.kind)}" is unknown. Use one of: ${KINDS.join(', ')}.`,
		);
	}
	const settings = { ...CONTEXT_DEFAULTS, ...definedOf(options) };
	for (const name of ['windowCharacters', 'concurrency', 'maxTokens'] as const) {
		if (!Number.isSafeInteger(settings[name]) || settings[name] < 1) {
			throw new ChunkingError(
				'invalidOptions',
				`The context option "${name}" is ${String(settings[name])}. Set it to a whole number of at least 1.`,
			);
		}
	}
	if (options.kind === 'model' && !complete) {
		throw new ChunkingError(
			'missingService',
			'Context written by a model needs a chat engine. Connect one, or use headings or the title as context.',
		);
	}
	return { ...settings, complete };
}

function definedOf({ windowCharacters, concurrency, maxTokens }: ContextOptions): Partial<Settings> {
	return {
		...(windowCharacters !== undefined && { windowCharacters }),
		...(concurrency !== undefined && { concurrency }),
		...(maxTokens !== undefined && { maxTokens }),
	};
}

interface About {
	readonly lines: readonly string[];
	readonly failed: boolean;
}

async function aboutDocument(
	source: string,
	title: string | undefined,
	options: ContextOptions,
	settings: Settings,
	ask: (request: ContextRequest) => Promise<string | undefined>,
): Promise<About> {
	const written = options.summary === undefined && settings.complete !== undefined;
	const summary = written
		? await ask(summaryRequest(source.slice(0, settings.windowCharacters), title, settings.maxTokens))
		: options.summary;
	return {
		lines: [title, summary].filter((line): line is string => line !== undefined && line !== ''),
		failed: written && summary === undefined,
	};
}

async function* described(
	chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
	headingsOf: (chunk: Chunk) => readonly string[],
	{ lines, failed }: About,
): AsyncGenerator<Chunk> {
	for await (const chunk of chunks) {
		const headings = headingsOf(chunk);
		// A title that is also the outermost heading is not said twice.
		const path = (headings[0] === lines[0] ? headings.slice(1) : headings).join(' > ');
		const context = [...lines, ...(path === '' ? [] : [path])].join('\n');
		const found = { ...chunk, headings, ...(context !== '' && { context }) };
		yield failed ? withFlag(found) : found;
	}
}

function withAnswer(chunk: Chunk, answer: string | undefined): Chunk {
	return answer === undefined ? withFlag(chunk) : { ...chunk, context: answer };
}

function withFlag(chunk: Chunk): Chunk {
	const flags: readonly ChunkFlag[] = [...(chunk.flags ?? []), 'contextFailed'];
	return { ...chunk, flags };
}

/** Counts chunks, calls and failures, and knows when a model is down. */
class Tally {
	private chunks = 0;
	private calls = 0;
	private failed = 0;
	private inARow = 0;
	private firstFailure: string | undefined;

	async ask(
		complete: Complete | undefined,
		request: ContextRequest,
		signal: AbortSignal,
	): Promise<string | undefined> {
		if (!complete || this.inARow >= FAILURES_IN_A_ROW) return undefined;
		this.calls++;
		try {
			const answer = cleanAnswer(await complete(request, { signal }), request.maxTokens);
			if (answer === '') throw new ChunkingError('badService', 'The model answered with nothing.');
			this.inARow = 0;
			return answer;
		} catch (error) {
			this.inARow++;
			this.firstFailure ??= messageOf(error);
			return undefined;
		}
	}

	async *count(chunks: AsyncIterable<Chunk>, services: ContextServices): AsyncGenerator<Chunk> {
		for await (const chunk of chunks) {
			stopIfCancelled(services);
			this.chunks++;
			if (chunk.flags?.includes('contextFailed')) this.failed++;
			yield chunk;
			services.onProgress?.({
				done: this.chunks,
				...(this.failed > 0 && { note: `${this.failed} without context` }),
			});
		}
		stopIfCancelled(services);
	}

	report(): ContextReport {
		const { chunks, calls, failed, firstFailure } = this;
		return { chunks, calls, failed, ...(firstFailure !== undefined && { firstFailure }) };
	}
}
