import type { CheckedAnswer, Citation } from './citations';
import { withoutMarks } from './passageText';

/** A place an answer refers to, once for all its passages. */
export interface AnswerSource {
	readonly source: string;
	readonly title?: string;
	readonly page?: number | string;
	/** Address to open, where the source is one. */
	readonly link?: string;
	/** Numbers in square brackets by which the answer refers to it. */
	readonly markers: readonly number[];
}

/** The sources of citations in the order of first mention; passages of the same page count as one. */
export function sourcesOf(citations: readonly Citation[]): AnswerSource[] {
	const sources = new Map<string, AnswerSource & { markers: number[] }>();
	for (const { source, title, page, marker } of citations) {
		const key = JSON.stringify([source, page ?? null]);
		const known = sources.get(key);
		if (known) {
			known.markers.push(marker);
			continue;
		}
		sources.set(key, {
			source,
			...(title !== undefined && { title }),
			...(page !== undefined && { page }),
			...(isAddress(source) && { link: source }),
			markers: [marker],
		});
	}
	return [...sources.values()];
}

/**
 * The answer with its sources below, as a chat shows it.
 *
 * @example
 * // It is ten days [1].
 * //
 * // Sources:
 * // [1] Returns (returns.pdf), page 3
 */
export function answerWithSources({ answer, citations }: CheckedAnswer): string {
	const sources = sourcesOf(citations);
	if (sources.length === 0) return answer;
	const lines = sources.map(({ source, title, page, markers }) => {
		const name = title === undefined || title === source ? source : `${title} (${source})`;
		const place = page === undefined ? '' : `, page ${page}`;
		return `${markers.map((marker) => `[${marker}]`).join('')} ${withoutMarks(name.replace(/\s+/g, ' '))}${place}`;
	});
	return `${answer}\n\nSources:\n${lines.join('\n')}`;
}

const isAddress = (source: string): boolean => /^https?:\/\//i.test(source) && URL.canParse(source);
