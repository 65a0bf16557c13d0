/** Letters that fonts give whose letters are not known: control characters, private ones, and the mark for none. */
const UNKNOWN = /[^\P{Cc}\s]|[\ufffd\p{Co}]/gu;
/** Share of unknown letters from which a page cannot be read. */
const MAX_UNKNOWN = 0.2;

/** The text without letters that nobody knows; undefined where so many are unknown that nothing can be read. */
export function legible(text: string): string | undefined {
	const letters = text.replace(/\s/g, '').length;
	const unknown = text.match(UNKNOWN)?.length ?? 0;
	if (unknown === 0) return text;
	return unknown > letters * MAX_UNKNOWN ? undefined : text.replace(UNKNOWN, '');
}
