import { EvaluationError } from './errors';
import type { ExpectedPassage, Passage, Span } from './types';

/** Scores of one question by character range; see {@link scorePassages}. */
export interface PassageScores {
	readonly recall: number;
	readonly precision: number;
	readonly iou: number;
}

/**
 * Retrieval scored by character range, the metrics of Smith & Troynikov, "Evaluating Chunking Strategies for Retrieval"
 * (research.trychroma.com/evaluating-chunking, 2024), counted in characters instead of tokens:
 * recall = |covered| / |relevant|, precision = |covered| / |retrieved|, IoU = |covered| / (|retrieved| + |relevant not covered|).
 * `covered` counts a character once; `retrieved` is the sum of the lengths, so text handed over twice (overlap) costs precision
 * and IoU, as in the study. Chunks are placed by their offsets, never by searching for their text.
 *
 * A character is also covered where a copy of its passage was retrieved.
 *
 * @param retrieved the chunks handed to the model, in any order
 * @param relevant the expected passages; overlapping ones are merged (and lose their copies: find those after merging)
 * @throws EvaluationError `invalidData` when nothing is expected or a range is empty or reversed
 */
export function scorePassages(
	retrieved: readonly Passage[],
	relevant: readonly ExpectedPassage[],
): PassageScores {
	const expected = mergePassages(relevant);
	const expectedLength = total(expected);
	if (expectedLength === 0)
		throw new EvaluationError(
			'invalidData',
			'A question without an expected passage cannot be scored by passages.',
		);
	const covered = coveredLength(expected, bySource(retrieved));
	const handedOver = total(retrieved);
	return {
		recall: covered / expectedLength,
		precision: handedOver === 0 ? 0 : covered / handedOver,
		iou: covered / (handedOver + expectedLength - covered),
	};
}

/** The passages of each source, those that overlap or touch as one; only one that stands alone keeps its copies. */
export function mergePassages(passages: readonly ExpectedPassage[]): ExpectedPassage[] {
	const alone = new Map(
		passages.flatMap((passage) => (passage.copies ? [[keyOf(passage.source, passage), passage]] : [])),
	);
	return [...bySource(passages)].flatMap(([source, spans]) =>
		spans.map(({ start, end }) => alone.get(keyOf(source, { start, end })) ?? { source, start, end }),
	);
}

const keyOf = (source: string, { start, end }: Span): string => `${start}-${end} ${source}`;

/** Characters of the expected passages that were found, in their own place or in a copy. */
function coveredLength(
	expected: readonly ExpectedPassage[],
	found: ReadonlyMap<string, readonly Span[]>,
): number {
	let covered = 0;
	for (const passage of expected) {
		const parts = [passage, ...(passage.copies ?? [])].flatMap((place) =>
			(found.get(place.source) ?? []).flatMap(({ start, end }) => {
				const [from, to] = [Math.max(start, place.start), Math.min(end, place.end)];
				return from < to ? [{ start: from - place.start, end: to - place.start }] : [];
			}),
		);
		covered += total(mergeSpans(parts));
	}
	return covered;
}

/**
 * Precision-omega of the same study: the precision if every chunk that holds relevant text, and no other, were retrieved. It
 * judges the cuts alone, without any ranking. Overlap between those chunks is counted once, as in the study; unlike its
 * program we do not count a chunk that only touches a passage's edge.
 *
 * @param chunks all chunks of all sources
 */
export function precisionOmega(chunks: readonly Passage[], relevant: readonly Passage[]): number {
	const expected = bySource(relevant);
	if (expected.size === 0)
		throw new EvaluationError(
			'invalidData',
			'A question without an expected passage cannot be scored by passages.',
		);
	const holding = bySource(
		chunks.filter((chunk) => overlapLength([chunk], expected.get(chunk.source) ?? []) > 0),
	);
	const covered = sumOf(expected, (spans, source) => overlapLength(spans, holding.get(source) ?? []));
	const uncovered = sumOf(expected, total) - covered;
	return covered / (sumOf(holding, total) + uncovered);
}

/**
 * Grades for {@link ndcgAt} and the rank metrics: the share of all relevant characters that each chunk holds; chunks that hold
 * none are absent.
 */
export function gradeByPassages(
	chunks: Iterable<Passage & { readonly id: string }>,
	relevant: readonly ExpectedPassage[],
): Map<string, number> {
	const expected = mergePassages(relevant);
	const expectedLength = total(expected);
	const grades = new Map<string, number>();
	for (const chunk of chunks) {
		const shared = coveredLength(expected, new Map([[chunk.source, [chunk]]]));
		if (shared > 0) grades.set(chunk.id, shared / expectedLength);
	}
	return grades;
}

/** Sorted, disjoint spans per source. */
function bySource(passages: readonly Passage[]): Map<string, Span[]> {
	const grouped = new Map<string, Span[]>();
	for (const passage of passages) {
		const { source, start, end } = passage;
		if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end))
			throw new EvaluationError(
				'invalidData',
				`The range ${start}–${end} of "${source}" is empty or no range.`,
			);
		const spans = grouped.get(source);
		if (spans) spans.push(passage);
		else grouped.set(source, [passage]);
	}
	for (const [source, spans] of grouped) grouped.set(source, mergeSpans(spans));
	return grouped;
}

function mergeSpans(spans: readonly Span[]): Span[] {
	const merged: Array<{ start: number; end: number }> = [];
	for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
		const last = merged.at(-1);
		if (last && start <= last.end) last.end = Math.max(last.end, end);
		else merged.push({ start, end });
	}
	return merged;
}

/** Characters two sorted, disjoint lists share: one pass over both. */
function overlapLength(a: readonly Span[], b: readonly Span[]): number {
	let shared = 0;
	for (let i = 0, j = 0; i < a.length && j < b.length; ) {
		const left = a[i];
		const right = b[j];
		if (!left || !right) break;
		shared += Math.max(0, Math.min(left.end, right.end) - Math.max(left.start, right.start));
		if (left.end < right.end) i++;
		else j++;
	}
	return shared;
}

const total = (spans: readonly Span[]): number => spans.reduce((sum, { start, end }) => sum + end - start, 0);

function sumOf(
	grouped: ReadonlyMap<string, Span[]>,
	measure: (spans: readonly Span[], source: string) => number,
): number {
	let sum = 0;
	for (const [source, spans] of grouped) sum += measure(spans, source);
	return sum;
}
