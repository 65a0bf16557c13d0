/** Bytes looked at around the first that is no ASCII. */
const SAMPLE = 1 << 16;
/** Of the sequences of several bytes, the share that may be damaged in a file that is UTF-8 all the same. */
const MAX_DAMAGED = 0.1;

/** Whether sequences of several bytes are UTF-8 but for a few: one stray byte must not change all others. */
export function mostlyUtf8(bytes: Uint8Array): boolean {
	const text = new TextDecoder('utf-8').decode(sampleOf(bytes));
	const damaged = text.match(/\ufffd/g)?.length ?? 0;
	const good = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
	return damaged <= good * MAX_DAMAGED;
}

/**
 * `charset=` of a `<meta>`, or `encoding=` of an XML declaration. Browsers look for it within 1,024 bytes (HTML standard, 4.2.5.4)
 * and then go on looking while they read: long scripts or comments may stand before it.
 */
export function declaredEncodingOf(bytes: Uint8Array): string | undefined {
	const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SAMPLE))
		.toString('latin1')
		.toLowerCase();
	let label = /^[^<]{0,10}<\?xml[^>]{0,100}?encoding\s{0,10}=\s{0,10}["']([\w-]+)/.exec(head)?.[1];
	for (const tag of head.split('<meta').slice(1)) {
		const attributes = tag.split('>', 1)[0] ?? '';
		label ??= /charset\s*=\s*["']?([\w-]+)/.exec(attributes)?.[1];
	}
	if (label === undefined) return undefined;
	try {
		return new TextDecoder(label).encoding;
	} catch {
		return undefined;
	}
}

/** Names of encodings as people know them. */
const NAMES: ReadonlyMap<string, string> = new Map([
	['windows-1252', 'Windows-1252'],
	['windows-1251', 'Windows-1251 (Cyrillic)'],
	['shift_jis', 'Shift-JIS'],
	['gb18030', 'GB18030 (GBK)'],
	['euc-kr', 'EUC-KR'],
	['euc-jp', 'EUC-JP'],
	['big5', 'Big5'],
]);

/** What bytes that are not UTF-8 look like. */
export async function guessEncoding(bytes: Uint8Array): Promise<{ encoding: string; name: string }> {
	const { analyse } = await import('chardet');
	const sample = sampleOf(bytes);
	const best = (guesses: ReadonlyArray<{ name: string; confidence: number }>): Guess | undefined => {
		for (const { name, confidence } of guesses) {
			const encoding = encodingNamed(name);
			if (encoding === undefined || !isLikely(encoding, sample, confidence)) continue;
			return { encoding, name: NAMES.get(encoding) ?? name, confidence };
		}
		return undefined;
	};
	const found = best(analyse(sample));
	if (found && MULTI_BYTE.has(found.encoding)) return found;
	// Marks of a page and names in Latin letters drown the words of a text in Cyrillic or Greek.
	const foreign = best(analyse(foreignWords(sample)));
	if (foreign && foreign.confidence >= SURE && !MULTI_BYTE.has(foreign.encoding)) return foreign;
	return found ?? { encoding: 'windows-1252', name: 'Windows-1252' };
}

interface Guess {
	readonly encoding: string;
	readonly name: string;
	readonly confidence: number;
}

/** Confidence from which the words with letters beyond ASCII alone tell the encoding. */
const SURE = 40;

/** The words in which letters beyond ASCII stand, with a space between them. */
function foreignWords(sample: Uint8Array): Uint8Array {
	const text = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength).toString('latin1');
	const words = text.match(/[A-Za-z\x80-\xff]+/g) ?? [];
	return Buffer.from(words.filter((word) => /[\x80-\xff]/.test(word)).join(' '), 'latin1');
}

function encodingNamed(name: string): string | undefined {
	try {
		return new TextDecoder(name).encoding;
	} catch {
		return undefined;
	}
}

const MULTI_BYTE = new Set(['shift_jis', 'gb18030', 'gbk', 'euc-kr', 'euc-jp', 'big5', 'iso-2022-jp']);
const EAST_ASIAN =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/gu;

/**
 * Whether a guess makes sense of the bytes. East Asian letters must come in numbers and all decode: single letters with accents
 * in a Western text pass for them. Bytes of the East in a Western encoding are mostly signs, not letters.
 */
function isLikely(encoding: string, sample: Uint8Array, confidence: number): boolean {
	if (encoding === 'utf-8' || encoding.startsWith('utf-16')) return false;
	const text = new TextDecoder(encoding).decode(sample);
	const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
	if (MULTI_BYTE.has(encoding)) {
		const letters = count(EAST_ASIAN);
		return letters >= 4 && letters > count(/[a-z]/gi) / 4 && count(/\ufffd/g) <= letters / 50;
	}
	const foreign = count(/[^\0-\x7f]/gu);
	return confidence >= 20 && count(/[^\P{L}a-z]/giu) >= foreign * 0.6;
}

/** Bytes from a little before the first that is no ASCII. */
function sampleOf(bytes: Uint8Array): Uint8Array {
	const first = bytes.findIndex((byte) => byte >= 0x80);
	const start = Math.max(0, first - 64);
	return bytes.subarray(start, start + SAMPLE);
}
