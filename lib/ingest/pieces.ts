import { chunk, chunkSync, type Chunk, type ChunkOptions, type Embed } from '../chunking';
import type { JsonValue, Point } from '../index';
import { contentId, type CallContext, type createSlicer } from '../support';
import type { ContextKind, ExtractedText, Locations, Metadata } from './types';

/** One chunk on its way into the index. */
export interface Piece {
	readonly chunk: Chunk;
	readonly context?: string;
	/** What is embedded: context and text. */
	readonly embedText: string;
}

/** A context longer than this would drown the chunk it introduces. */
const maxContextLength = 300;

/** Cuts a text and puts the context before each chunk. Chunks of white space alone are left out. */
export async function* piecesOf(
	extracted: ExtractedText,
	settings: {
		readonly chunking: ChunkOptions;
		readonly context: ContextKind;
		readonly turn: ReturnType<typeof createSlicer>;
		/** For chunking by meaning. */
		readonly embed: Embed;
	},
	call: CallContext,
): AsyncGenerator<Piece, void, undefined> {
	// The lazy synchronous form is given way to here, so that a chunk passes through one generator less.
	const chunks =
		settings.chunking.method === 'semantic'
			? chunk(extracted.text, settings.chunking, { ...call, embed: settings.embed })
			: chunkSync(extracted.text, settings.chunking);
	for await (const piece of chunks) {
		const pause = settings.turn();
		if (pause) await pause;
		call.signal?.throwIfAborted();
		if (!/\S/.test(piece.text)) continue;
		const context = contextOf(extracted.title, piece.headings, settings.context);
		yield context === undefined
			? { chunk: piece, embedText: piece.text }
			: { chunk: piece, context, embedText: `${context}\n\n${piece.text}` };
	}
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
	return context.length <= maxContextLength ? context : context.slice(-maxContextLength).toWellFormed();
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
	vector: Float32Array | null,
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
			...placeOf(chunk, extracted.locations),
			...(chunk.headings.length > 0 ? { headings: [...chunk.headings] } : {}),
			...(chunk.kind === 'text' ? {} : { kind: chunk.kind }),
			...(extracted.title === undefined ? {} : { title: extracted.title }),
			...extracted.metadata,
			// What the user says about a document wins over what was found in it.
			...document.metadata,
		},
		...(vector === null ? {} : { vector }),
		...(context === undefined ? {} : { context }),
		...(parent ? { parent: { ...parent, text: extracted.text.slice(parent.start, parent.end) } } : {}),
	};
}

/** `{ page: 3, pageEnd: 4 }`: where the chunk begins and, if it reaches further, where it ends; numbers from 1. */
function placeOf(chunk: Chunk, locations: Locations | undefined): { [key: string]: JsonValue } {
	if (!locations || locations.starts.length === 0) return {};
	const first = lastNotAfter(locations.starts, chunk.start) + 1;
	const last = lastNotAfter(locations.starts, Math.max(chunk.start, chunk.end - 1)) + 1;
	return {
		[locations.field]: Math.max(first, 1),
		...(last > first ? { [`${locations.field}End`]: last } : {}),
	};
}

/** Index of the last start that is not after the offset, -1 if all are. */
function lastNotAfter(starts: readonly number[], offset: number): number {
	let low = 0;
	let high = starts.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((starts[middle] ?? Infinity) <= offset) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
