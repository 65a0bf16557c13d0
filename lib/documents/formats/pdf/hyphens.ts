/** First parts of words that are written with a hyphen: it stays where a line ends behind one. */
const FIRST_PARTS = new Set(
	'well self non ex all half high low long short full part cross ever best left right real open close hard soft in on off up out over under up-to co pre post anti semi mid multi inter one two three four five six seven eight nine ten first second third last user data state cost time year day week month end e built so'.split(
		' ',
	),
);
/** What follows a hyphen that stands for the rest of a word: "Ein- und Ausgang". */
const JOINING = /^(?:und|oder|bzw|sowie|and|or|et|ou|y|o|e)\b/u;

/**
 * Joins the lines of a paragraph. A word that is broken at the end of a line becomes one again; a hyphen that belongs to the
 * word stays. Which it is, is told by the other words of the page, else by the part before the hyphen.
 */
export function joinLines(lines: readonly string[], words: ReadonlySet<string>): string {
	let text = '';
	for (const line of lines) {
		if (text === '') text = line;
		else text = joined(text, line, words) ?? `${text}\n${line}`;
	}
	return text;
}

function joined(before: string, line: string, words: ReadonlySet<string>): string | undefined {
	const last = before.slice(-60).split(/\s/).at(-1) ?? '';
	const left = /[-\u00ad\u2010]$/.test(last) ? (last.slice(0, -1).split(/\P{L}/u).at(-1) ?? '') : '';
	const right = /^[\p{L}\p{N}]+/u.exec(line.slice(0, 60))?.[0];
	if (left === '' || right === undefined) return undefined;
	const isSoft = before.endsWith('\u00ad');
	if (isSoft) return before.slice(0, -1) + line;
	if (JOINING.test(line)) return `${before} ${line}`;
	const [first, second] = [left.toLowerCase(), right.toLowerCase()];
	// "Müller-Straße", "COVID-19"
	if (!/^\p{Ll}/u.test(right) || /^\p{Lu}{2,}$/u.test(left)) return before + line;
	if (words.has(`${first}-${second}`)) return before + line;
	if (words.has(first + second)) return before.slice(0, -1) + line;
	return FIRST_PARTS.has(first) ? before + line : before.slice(0, -1) + line;
}

/** The words of a text in small letters, those with hyphens too. */
export function wordsOf(text: string): Set<string> {
	return new Set(text.toLowerCase().match(/\p{L}+(?:-\p{L}+)*/gu));
}
