import {
	addContext,
	chunk,
	chunkSync,
	type Chunk,
	type ChunkOptions,
	type Complete,
	type Embed,
	textToEmbed,
} from '../chunking';
import type { ExtractedText, Locations, PlaceField } from '../documents';
import type { Point } from '../vectorIndex';
import { contentId, type CallContext, type createSlicer, type JsonValue } from '../support';
import type { ContextKind, Metadata } from './types';

/** One chunk on its way into the index. */
export interface Piece {
	readonly chunk: Chunk;
	readonly context?: string;
	/** What is embedded: context and text. */
	readonly embedText: string;
}

/** A context longer than this would drown the chunk it introduces. */
const MAX_CONTEXT_LENGTH = 300;

export interface CutSettings {
	readonly chunking: ChunkOptions;
	readonly context: ContextKind;
	readonly turn: ReturnType<typeof createSlicer>;
	/** For chunking by meaning. */
	readonly embed: Embed;
	/** For context by a model. */
	readonly complete?: Complete;
}

/**
 * What a document is called where it has no title of its own: its name without folders and ending, in words
 * ("contracts/ACME_frame-agreement.pdf" → "ACME frame agreement"). Undefined for ids and numbers.
 */
export function titleFromName(source: string): string | undefined {
	const name =
		source
			.slice(-MAX_NAME)
			.split(/[/\\]/)
			.findLast((part) => part.trim() !== '') ?? '';
	const words = name
		.replace(/\.[a-z0-9]{1,5}$/i, '')
		.replace(/[_\-+.]+/g, ' ')
		.trim();
	const isHex = /^[0-9a-f ]+$/i.test(words) && /\d/.test(words);
	return /\p{L}{3}|\p{Lo}{2}/u.test(words) && !isHex ? words : undefined;
}

const MAX_NAME = 300;

/** Cuts a text and puts the context before each chunk. Chunks of white space alone are left out. */
export async function* piecesOf(
	extracted: ExtractedText,
	settings: CutSettings,
	call: CallContext,
): AsyncGenerator<Piece, void, undefined> {
	for await (const piece of describedChunks(extracted, settings, call)) {
		const pause = settings.turn();
		if (pause) await pause;
		call.signal?.throwIfAborted();
		if (!/\S/.test(piece.text)) continue;
		const context =
			settings.context === 'model'
				? piece.context
				: contextOf(extracted.title, piece.headings, settings.context);
		const embedText = textToEmbed(piece.text, context);
		yield context === undefined ? { chunk: piece, embedText } : { chunk: piece, context, embedText };
	}
}

function describedChunks(
	{ text, title }: ExtractedText,
	{ chunking, context, embed, complete }: CutSettings,
	call: CallContext,
): AsyncIterable<Chunk> | Iterable<Chunk> {
	// The lazy synchronous form is given way to by the caller, so that a chunk passes through one generator less.
	const chunks =
		chunking.method === 'semantic' ? chunk(text, chunking, { ...call, embed }) : chunkSync(text, chunking);
	const { signal } = call;
	if (context === 'model') {
		return addContext(chunks, text, { kind: 'model', title }, { complete, signal });
	}
	// Also for methods that do not look at headings themselves.
	return context === 'headings' ? addContext(chunks, text, { kind: 'headings' }, { signal }) : chunks;
}

function contextOf(
	title: string | undefined,
	headings: readonly string[],
	kind: ContextKind,
): string | undefined {
	if (kind === 'none') return undefined;
	const path = kind === 'headings' ? [...headings] : [];
	if (title !== undefined && path[0] !== title) path.unshift(title);
	const context = path
		.map((part) => part.trim())
		.filter((part) => part !== '')
		.join(' > ');
	if (context === '') return undefined;
	// The end of the path says most about the chunk.
	return context.length <= MAX_CONTEXT_LENGTH ? context : context.slice(-MAX_CONTEXT_LENGTH).toWellFormed();
}

/** The row a piece becomes. Its id names the generation and the place in it: the same in every process. */
export function toPoint(
	piece: Piece,
	document: {
		readonly source: string;
		readonly generation: string;
		readonly extracted: ExtractedText;
		readonly metadata?: Metadata;
	},
	vector: Float32Array | null | 'pending',
): Point {
	const { chunk, context } = piece;
	const { extracted } = document;
	const { parent } = chunk;
	return {
		id: contentId(document.generation, String(chunk.index)),
		text: chunk.text,
		source: document.source,
		start: chunk.start,
		end: chunk.end,
		generation: document.generation,
		metadata: {
			...placesOf(chunk, extracted.locations),
			...(chunk.headings.length > 0 ? { headings: [...chunk.headings] } : {}),
			...(chunk.kind === 'text' ? {} : { kind: chunk.kind }),
			...(extracted.title === undefined ? {} : { title: extracted.title }),
			...extracted.metadata,
			// What the user says about a document wins over what was found in it.
			...document.metadata,
		},
		...(vector === 'pending' ? { pendingSince: Date.now() } : vector === null ? {} : { vector }),
		...(context === undefined ? {} : { context }),
		...(parent ? { parent: { ...parent, text: extracted.text.slice(parent.start, parent.end) } } : {}),
	};
}

/** Parts of a document that a citation names: where further ones begin in a chunk is kept, so that a sentence is cited with its own. */
const CITED = new Set<PlaceField>(['page', 'slide', 'sheet']);
/** Beginnings kept of one chunk. */
const MAX_STARTS = 50;

/**
 * `{ page: 3, pageEnd: 4, pageStarts: [5120] }`, `{ sheet: "Prices" }`: where the chunk begins and, if it reaches further, where it
 * ends and at which offsets of the document the further pages begin; of sheets with their names (`sheetNames`).
 */
function placesOf(chunk: Chunk, locations: readonly Locations[] = []): { [key: string]: JsonValue } {
	const places: { [key: string]: JsonValue } = {};
	for (const { field, starts, labels } of locations) {
		if (starts.length === 0) continue;
		const first = Math.max(lastNotAfter(starts, chunk.start), 0);
		const last = lastNotAfter(starts, Math.max(chunk.start, chunk.end - 1));
		places[field] = labels?.[first] ?? first + 1;
		if (last === first) continue;
		places[`${field}End`] = labels?.[last] ?? last + 1;
		if (CITED.has(field)) {
			const count = Math.min(last - first, MAX_STARTS);
			places[`${field}Starts`] = Array.from({ length: count }, (_, at) => starts[first + 1 + at] ?? 0);
			// Sheets are not counted but named.
			if (field === 'sheet')
				places.sheetNames = Array.from({ length: count }, (_, at) => labels?.[first + 1 + at] ?? '');
		}
	}
	return places;
}

/** Index of the last start that is not after the offset, -1 if all are. */
function lastNotAfter(starts: ArrayLike<number>, offset: number): number {
	let low = 0;
	let high = starts.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((starts[middle] ?? Infinity) <= offset) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
