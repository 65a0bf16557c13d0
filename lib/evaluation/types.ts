/** A range of a source text in UTF-16 code units, end exclusive. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** A range of a named source. A chunk of `lib/chunking` with its source added, or a hit of an index, is one too. */
export interface Passage extends Span {
	readonly source: string;
}

/** A place that answers a question, and the places where the very same text stands again (see `withCopies`). */
export interface ExpectedPassage extends Passage {
	readonly copies?: readonly Passage[];
}

/** A question and what a good answer needs. At least one of `sources` and `passages` is given. */
export interface Question {
	readonly id: string;
	readonly text: string;
	/** Documents that answer it; graded when some answer better than others (grade > 0). */
	readonly sources?: readonly string[] | ReadonlyMap<string, number>;
	/** The exact places that answer it. */
	readonly passages?: readonly ExpectedPassage[];
}

/** One retrieved item, best first in its list. Offsets are needed only where questions expect passages. */
export interface RetrievedHit {
	readonly id: string;
	readonly source: string;
	readonly start?: number;
	readonly end?: number;
}
