import { createSlicer } from '../support';
import { ChunkingError, stopIfCancelled } from './errors';
import { markdownMethod } from './markdown';
import { createMeasure, MAX_CHARACTERS_PER_TOKEN, type Measure } from './measure';
import type { Description, Method } from './method';
import { resolveOptions, type ResolvedOptions } from './options';
import { codeMethod } from './code';
import type { CodeLanguageName } from './codeLanguages';
import { sentenceCutter, singleSentenceCutter, withWindow } from './sentence';
import { createParents } from './parents';
import { fixedCutter, recursiveCutter } from './recursive';
import { semanticCutter } from './semantic';
import { cutSpans } from './spans';
import type { Chunk, ChunkFlag, ChunkOptions, ChunkServices } from './types';

const NO_HEADINGS: readonly string[] = Object.freeze([]);
const PLAIN: Description = Object.freeze({ headings: NO_HEADINGS, kind: 'text' });
const OVERSIZED: readonly ChunkFlag[] = Object.freeze(['oversized']);

/**
 * Cuts a text into chunks, lazily: a consumer that stops stops the work.
 *
 * @param text the source; offsets of the chunks are UTF-16 units into it
 * @param options method, size, overlap and their unit, see {@link ChunkOptions}
 * @returns chunks in order. Without overlap they concatenate to the source; each is within `size`, counted again with
 *   `countTokens`, unless it is a single grapheme larger than that (flag `oversized`). An empty text has no chunks.
 * @throws ChunkingError `invalidOptions`, `missingService` (at the call) or `badService` (while iterating)
 * @example [...chunkSync(report, { method: 'recursive', size: 1000, overlap: 100 })]
 */
export function chunkSync(text: string, options: ChunkOptions): Iterable<Chunk> {
	const resolved = resolveOptions(options);
	checkText(text);
	const measure = createMeasure(text, resolved, resolved.method === 'fixed');
	return chunks(text, resolved, measure, methodFor(text, resolved, measure));
}

/**
 * The same as {@link chunkSync} for every method, `semantic` too, giving way to the event loop every few milliseconds,
 * for texts of any length.
 *
 * @param services `embed` or `tokenRows` for `semantic`; `countTokens` where the options have none; `signal`; `onProgress`
 *   (characters done)
 * @throws ChunkingError as `chunkSync`; rejects with `cancelled` when the signal aborts
 */
export async function* chunk(
	text: string,
	options: ChunkOptions,
	services: ChunkServices = {},
): AsyncGenerator<Chunk> {
	const resolved = resolveOptions({ countTokens: services.countTokens, ...options });
	checkText(text);
	const measure = createMeasure(text, resolved, resolved.method === 'fixed');
	stopIfCancelled(services);
	const method =
		resolved.method === 'semantic'
			? await semanticCutter(text, resolved, services)
			: methodFor(text, resolved, measure);
	const turn = createSlicer();
	for (const piece of chunks(text, resolved, measure, method)) {
		stopIfCancelled(services);
		yield piece;
		services.onProgress?.({ done: piece.end, total: text.length });
		await turn();
	}
}

function checkText(text: unknown): void {
	if (typeof text === 'string') return;
	throw new ChunkingError(
		'invalidOptions',
		`The text to chunk is ${text === null ? 'null' : typeof text}, not a text.`,
	);
}

function* chunks(text: string, options: ResolvedOptions, measure: Measure, method: Method): Generator<Chunk> {
	const pieces = cutChunks(text, options, measure, method);
	yield* options.window > 0 ? withWindow(pieces, options.window) : pieces;
}

function methodFor(text: string, options: ResolvedOptions, measure: Measure): Method {
	switch (options.method) {
		case 'fixed':
			return fixedCutter;
		case 'recursive':
			return recursiveCutter(text, options.separators);
		case 'sentence':
			return options.window > 0 ? singleSentenceCutter(text) : sentenceCutter(text);
		case 'code':
			return codeMethod(text, codeLanguage(options.language));
		case 'markdown':
			return markdownMethod(text, {
				fits: (start, end) => measure.fits(start, end, options.size),
				mostCharacters: options.size * (options.countTokens ? MAX_CHARACTERS_PER_TOKEN : 1),
			});
		case 'semantic':
			throw new ChunkingError(
				'invalidOptions',
				'Semantic chunking asks an embedding model and cannot be done in one go: use chunk() instead of chunkSync().',
			);
		default:
			throw new ChunkingError(
				'invalidOptions',
				`The chunking method "${String(options.method)}" is unknown. Use fixed, recursive, sentence, markdown, code or semantic.`,
			);
	}
}

function* cutChunks(
	text: string,
	options: ResolvedOptions,
	measure: Measure,
	method: Method,
): Generator<Chunk> {
	const parentOf =
		options.parentSize > 0
			? createParents(text, createMeasure(text, options, false), options.parentSize)
			: undefined;
	let index = 0;
	for (const { start, bodyStart, end, tokens, oversized } of cutSpans(text, measure, method, options)) {
		const described = method.describe?.(bodyStart, end) ?? PLAIN;
		yield {
			text: text.slice(start, end),
			start,
			end,
			index: index++,
			...(tokens === undefined ? undefined : { tokens }),
			...described,
			...(parentOf && { parent: parentOf(start, end) }),
			...(oversized && { flags: OVERSIZED }),
		};
	}
}

function codeLanguage(language: ResolvedOptions['language']): CodeLanguageName | 'auto' {
	if (language !== 'markdown' && language !== 'latex') return language;
	throw new ChunkingError(
		'invalidOptions',
		`The method "code" does not read ${language}. Use "markdown" or "recursive" for it.`,
	);
}
