import { bestBreak, firstSentenceEnd } from '../breaks';
import { boundaryAtOrBefore, clusterEnd } from '../graphemes';

/** The small spans that semantic chunking puts together: neighbours that cover the source. */
export interface Piece {
	readonly start: number;
	readonly end: number;
}

/** Sentences; longer ones than `most` characters are cut like running text. */
export function sentencePieces(text: string, most: number): Generator<Piece> {
	return pieces(
		text,
		most,
		(start, limit) => firstSentenceEnd(text, start, limit) ?? bestBreak(text, start, limit).at,
	);
}

/** Sentences joined until they have at least `least` characters: the vector of "Yes." says nothing. */
export function* joinedSentences(text: string, least: number, most: number): Generator<Piece> {
	let start = 0;
	let end = 0;
	for (const sentence of sentencePieces(text, most)) {
		end = sentence.end;
		if (end - start < least) continue;
		yield { start, end };
		start = end;
	}
	if (end > start) yield { start, end };
}

function* pieces(
	text: string,
	most: number,
	choose: (start: number, limit: number) => number,
): Generator<Piece> {
	for (let start = 0; start < text.length; ) {
		let end = boundaryAtOrBefore(text, Math.min(text.length, start + most), start);
		if (end <= start) end = clusterEnd(text, start);
		else {
			const chosen = boundaryAtOrBefore(text, Math.min(choose(start, end), end), start);
			if (chosen > start) end = chosen;
		}
		yield { start, end };
		start = end;
	}
}
