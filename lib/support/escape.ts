const NAMED: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/**
 * Text for HTML, SVG and XML, in elements and in quoted attributes. What XML 1.0 does not allow even escaped (section 2.2:
 * control characters, halves of surrogate pairs, U+FFFE and U+FFFF) becomes U+FFFD.
 *
 * @example `<title>${escapeMarkup(name)}</title>`
 */
export function escapeMarkup(text: string): string {
	return text
		.toWellFormed()
		.replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '\ufffd')
		.replace(/[&<>"']/g, (sign) => NAMED[sign] ?? sign);
}

/** The text as a regular expression that matches it literally, for our own and for those that engines are given. */
export function escapeRegExp(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Text for one cell of a Markdown table: on one line, and nothing in it is taken for a border, code or HTML. */
export function escapeTableCell(text: string): string {
	return text.replace(/[|\\`<>]/g, '\\$&').replace(/\s+/g, ' ');
}
