/** Codes of symbol fonts (Symbol, Wingdings), which programs move to U+F000–U+F0FF, that stand for ticks, boxes and bullets. */
const SYMBOLS: ReadonlyMap<number, string> = new Map([
	...[0xfe, 0xfd, 0x52, 0x53, 0x54, 0x78].map((code): [number, string] => [code, '[x]']),
	...[0xa8, 0x6f, 0x71, 0x72, 0xa3, 0x2a].map((code): [number, string] => [code, '[ ]']),
	...[0xb7, 0xa7, 0xd8, 0x76, 0x6c, 0x6e].map((code): [number, string] => [code, '•']),
	[0xfc, '✓'],
	[0xe0, '→'],
]);

/** What a letter of a symbol font says; nothing where it is an ornament. */
export const symbolOf = (code: number): string => SYMBOLS.get(code & 0xff) ?? '';

/** Letters of symbol fonts, and control characters, which no reader of a text can see. */
const UNSEEN = /[\uf000-\uf0ff]|[^\P{Cc}\s]/gu;

/** The text with letters of symbol fonts said in others, and without control characters. */
export function withoutUnseen(text: string): string {
	return text.replace(UNSEEN, (letter) => {
		if (letter >= '\uf000') return symbolOf(letter.charCodeAt(0));
		// NEL, the end of a line in texts of mainframes
		return letter === '\u0085' ? '\n' : '';
	});
}
