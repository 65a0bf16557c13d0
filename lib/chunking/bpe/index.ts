import type { CountTokens } from '../types';
import { createMerger } from './merge';
import { createNextPiece } from './pieces';
import { CountTable, LONGEST_KEY } from './table';
import { loadVocabulary } from './vocabulary';

export type Encoding = 'cl100k' | 'o200k';

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
	const known = new CountTable();
	for (const bytes of vocabulary.ranks.keys()) {
		if (bytes.length > LONGEST_KEY || !isAscii(bytes)) continue;
		if (known.find(bytes, 0, bytes.length) === 0) known.add(bytes, 0, bytes.length, 1);
	}

	function countPiece(piece: string): number {
		const bytes = isAscii(piece) ? piece : Buffer.from(piece, 'utf8').toString('latin1');
		return vocabulary.ranks.has(bytes) ? 1 : countMerged(bytes);
	}

	return (text) => {
		let count = 0;
		for (let at = 0; at < text.length; ) {
			const end = nextPiece(text, at);
			if (end - at > LONGEST_KEY) {
				count += countPiece(text.slice(at, end));
			} else {
				let tokens = known.find(text, at, end);
				if (tokens === 0) {
					tokens = countPiece(text.slice(at, end));
					known.add(text, at, end, tokens);
				}
				count += tokens;
			}
			at = end;
		}
		return count;
	};
}

function isAscii(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
	return true;
}
