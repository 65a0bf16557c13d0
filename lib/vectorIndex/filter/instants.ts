/** A date, or a date with a time and a zone, as ISO 8601 writes them. A time without a zone is no instant. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

/**
 * Text as filters compare it: instants in UTC, so that their order as text is their order in time, whatever zone they were
 * written in; a date alone is its beginning in UTC. Any other text stays as it is.
 *
 * @example comparable('2024-05-02T02:00:00+02:00') // '2024-05-02T00:00:00.000Z'
 */
export function comparable(text: string): string {
	if (text.length > 35 || !INSTANT.test(text)) return text;
	const at = Date.parse(text);
	return Number.isNaN(at) ? text : new Date(at).toISOString();
}
