import type { CheckedAnswer, Citation } from './citations';
import { withoutMarks } from './passageText';

/** A place an answer refers to, once for all its passages. */
export interface AnswerSource {
	readonly source: string;
	readonly title?: string;
	readonly page?: number | string;
	readonly slide?: number | string;
	readonly sheet?: number | string;
	/** Address to open, where the source is one; of a PDF, at its page. */
	readonly link?: string;
	/** Numbers in square brackets by which the answer refers to it. */
	readonly markers: readonly number[];
}

const PLACES = ['page', 'slide', 'sheet'] as const;

/** What a list of sources needs of a citation. */
export type CitedPlace = Omit<Citation, 'text' | 'quote'>;

/** The sources of citations in the order of first mention; passages of the same page, slide or sheet count as one. */
export function sourcesOf(citations: readonly CitedPlace[]): AnswerSource[] {
	const sources = new Map<string, AnswerSource & { markers: number[] }>();
	for (const citation of citations) {
		const { source, title, marker } = citation;
		const place = Object.fromEntries(
			PLACES.flatMap((name) => (citation[name] === undefined ? [] : [[name, citation[name]]])),
		);
		const key = JSON.stringify([source, place]);
		const known = sources.get(key);
		if (known) {
			known.markers.push(marker);
			continue;
		}
		sources.set(key, {
			source,
			...(title !== undefined && { title }),
			...place,
			...(isAddress(source) && { link: linkTo(source, citation.page) }),
			markers: [marker],
		});
	}
	return [...sources.values()];
}

/** Page of a PDF's address, as browsers open it (RFC 8118). */
const linkTo = (source: string, page: CitedPlace['page']): string =>
	page !== undefined && /\.pdf$/i.test(source) ? `${source}#page=${page}` : source;

/**
 * The answer as a chat shows it: with what a reader should know about it, and below it its sources by their numbers, as a list of
 * Markdown: a chat puts plain lines behind each other.
 *
 * @param notes sentences below the answer: how it was made, and what is wrong with it
 * @example
 * // It is ten days [1].
 * //
 * // Sources:
 * // - [1] Returns (returns.pdf), page 3
 */
export function answerWithSources(
	{ answer, citations }: Pick<CheckedAnswer, 'answer'> & { readonly citations: readonly CitedPlace[] },
	notes: readonly string[] = [],
): string {
	const byNumber = [...citations].sort((a, b) => a.marker - b.marker);
	const lines = sourcesOf(byNumber).map(({ source, title, markers, ...place }) => {
		const name = title === undefined || title === source ? source : `${title} (${source})`;
		const where = PLACES.flatMap((kind) => (place[kind] === undefined ? [] : [`, ${kind} ${place[kind]}`]));
		return `- ${markers.map((marker) => `[${marker}]`).join('')} ${withoutMarks(`${name}${where.join('')}`.replace(/\s+/g, ' '))}`;
	});
	const parts = [answer, notes.join(' '), lines.length === 0 ? '' : `Sources:\n${lines.join('\n')}`];
	return parts.filter((part) => part !== '').join('\n\n');
}

const isAddress = (source: string): boolean => /^https?:\/\//i.test(source) && URL.canParse(source);
