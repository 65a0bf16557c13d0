import type { CountTokens } from '../types';
import { createMerger } from './merge';
import { createNextPiece } from './pieces';
import { loadVocabulary } from './vocabulary';

export type Encoding = 'cl100k' | 'o200k';

/** Pieces whose count is remembered: the vocabulary itself and this many others, words of the text at hand. */
const MOST_REMEMBERED = 100_000;
const LONGEST_REMEMBERED = 40;

const counters = new Map<Encoding, CountTokens>();

/**
 * A counter of the tokens that OpenAI's encoding makes of a text, special tokens read as plain text. Exact, linear in
 * the length of any text, without network; the tables are read at the first call for an encoding.
 */
export function bpeCounter(encoding: Encoding): CountTokens {
	let counter = counters.get(encoding);
	if (!counter) {
		counter = createCounter(encoding);
		counters.set(encoding, counter);
	}
	return counter;
}

function createCounter(encoding: Encoding): CountTokens {
	const vocabulary = loadVocabulary(encoding);
	const countMerged = createMerger(vocabulary);
	const nextPiece = createNextPiece[encoding]();
	const remembered = new Map<string, number>();
	let learned = 0;
	for (const bytes of vocabulary.ranks.keys()) if (isAscii(bytes)) remembered.set(bytes, 1);

	function countPiece(piece: string): number {
		const bytes = isAscii(piece) ? piece : Buffer.from(piece, 'utf8').toString('latin1');
		return vocabulary.ranks.has(bytes) ? 1 : countMerged(bytes);
	}

	return (text) => {
		let count = 0;
		for (let at = 0; at < text.length; ) {
			const end = nextPiece(text, at);
			const piece = text.slice(at, end);
			at = end;
			if (piece.length > LONGEST_REMEMBERED) {
				count += countPiece(piece);
				continue;
			}
			let tokens = remembered.get(piece);
			if (tokens === undefined) {
				tokens = countPiece(piece);
				if (learned < MOST_REMEMBERED) {
					learned++;
					// A copy: a slice would keep the whole text alive.
					remembered.set(Buffer.from(piece, 'utf16le').toString('utf16le'), tokens);
				}
			}
			count += tokens;
		}
		return count;
	};
}

function isAscii(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
	return true;
}
