/** Encodings of code pages that `decodePage` calls otherwise. */
const PAGES: ReadonlyMap<number, string> = new Map([
	[437, 'ibm437'],
	[850, 'ibm850'],
	[852, 'ibm852'],
	[858, 'ibm858'],
	[866, 'ibm866'],
	[932, 'shift_jis'],
	[936, 'gb18030'],
	[949, 'euc-kr'],
	[950, 'big5'],
	[10_000, 'macintosh'],
	[10_001, 'shift_jis'],
	[10_002, 'big5'],
	[10_003, 'euc-kr'],
	[10_007, 'x-mac-cyrillic'],
	[10_008, 'gb18030'],
	[65_001, 'utf-8'],
]);

/** The encoding of a Windows code page. */
export function encodingOfPage(page: number): string {
	const named = PAGES.get(page);
	if (named !== undefined) return named;
	return (page >= 1250 && page <= 1258) || page === 874 ? `windows-${page}` : 'windows-1252';
}

/** Code pages of Windows' languages by the lower ten bits of their number ([MS-LCID] 2.2); that of all others is 1252. */
const LANGUAGES: ReadonlyMap<number, number> = new Map(
	(
		[
			[874, [0x1e]],
			[932, [0x11]],
			[949, [0x12]],
			[1250, [0x05, 0x0e, 0x15, 0x18, 0x1a, 0x1b, 0x1c, 0x24]],
			[1251, [0x02, 0x19, 0x22, 0x23, 0x2f, 0x3f, 0x40, 0x44, 0x50]],
			[1253, [0x08]],
			[1254, [0x1f, 0x2c, 0x43]],
			[1255, [0x0d]],
			[1256, [0x01, 0x20, 0x29]],
			[1257, [0x25, 0x26, 0x27]],
			[1258, [0x2a]],
		] as const
	).flatMap(([page, languages]) => languages.map((language) => [language, page] as const)),
);
/** Chinese is written in two ways: in Taiwan, Hong Kong and Macao in the traditional one. */
const CHINESE = { language: 0x04, traditional: [0x0404, 0x0c04, 0x1404] };

/** The code page of Windows in the language of this number (LCID). */
export function codePageOfLanguage(lcid: number): number {
	const language = lcid & 0x3ff;
	if (language === CHINESE.language) return CHINESE.traditional.includes(lcid & 0xffff) ? 950 : 936;
	return LANGUAGES.get(language) ?? 1252;
}

/** Code pages of the character sets of fonts (RTF specification, \fcharset). */
const CHARSETS: ReadonlyMap<number, number> = new Map([
	...([
		[77, 10_000],
		[78, 932],
		[79, 949],
		[80, 936],
		[81, 950],
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
		[254, 437],
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
