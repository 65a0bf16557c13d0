/** Encodings of Windows' code pages that TextDecoder calls otherwise. */
const PAGES: ReadonlyMap<number, string> = new Map([
	[437, 'ibm866'],
	[866, 'ibm866'],
	[932, 'shift_jis'],
	[936, 'gb18030'],
	[949, 'euc-kr'],
	[950, 'big5'],
	[10_000, 'macintosh'],
	[65_001, 'utf-8'],
]);

/** The encoding of a Windows code page. */
export function encodingOfPage(page: number): string {
	const named = PAGES.get(page);
	if (named !== undefined) return named;
	return (page >= 1250 && page <= 1258) || page === 874 ? `windows-${page}` : 'windows-1252';
}

/** Code pages of the character sets of fonts (RTF specification, \fcharset). */
const CHARSETS: ReadonlyMap<number, number> = new Map([
	...([
		[77, 10_000],
		[128, 932],
		[129, 949],
		[134, 936],
		[136, 950],
		[161, 1253],
		[162, 1254],
		[163, 1258],
	] as const),
	...([
		[177, 1255],
		[178, 1256],
		[186, 1257],
		[204, 1251],
		[222, 874],
		[238, 1250],
	] as const),
]);

/** Stands for the encoding of fonts whose letters are signs. */
export const SYMBOL_FONT = 'symbol';
const SYMBOL_CHARSET = 2;

/** The encoding of a font's character set; undefined for that of the document. */
export function encodingOfCharset(charset: number): string | undefined {
	if (charset === SYMBOL_CHARSET) return SYMBOL_FONT;
	const page = CHARSETS.get(charset);
	return page === undefined ? undefined : encodingOfPage(page);
}
