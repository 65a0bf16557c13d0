import { isUtf8 } from 'node:buffer';
import { createSlicer } from '../support';

/** Bytes decoded between two looks at the clock: some 2 ms. */
const STEP = 1 << 20;

/**
 * The text of bytes, in slices: by its byte order mark, else UTF-8, else (where the bytes are not UTF-8) what an HTML
 * page says about itself, else Windows-1252, which the WHATWG encoding standard makes the default of the web.
 */
export async function decodeText(
	bytes: Uint8Array,
	kind?: 'html',
): Promise<{ text: string; warnings?: string[] }> {
	const marked = encodingOfMark(bytes);
	if (marked !== undefined) return { text: await decode(bytes, marked) };
	// One pass at some 10 GB/s.
	if (isUtf8(bytes)) return { text: await decode(bytes, 'utf-8') };
	const declared = kind === 'html' ? encodingOfPage(bytes) : undefined;
	const encoding = declared ?? 'windows-1252';
	const text = await decode(bytes, encoding);
	return declared === undefined
		? {
				text,
				warnings: [
					'The file is not UTF-8; it was read as Windows-1252. Save it as UTF-8 if letters look wrong.',
				],
			}
		: { text };
}

async function decode(bytes: Uint8Array, encoding: string): Promise<string> {
	const decoder = new TextDecoder(encoding);
	const turn = createSlicer();
	const parts: string[] = [];
	for (let at = 0; at < bytes.byteLength; at += STEP) {
		parts.push(decoder.decode(bytes.subarray(at, at + STEP), { stream: true }));
		await turn();
	}
	parts.push(decoder.decode());
	return parts.join('');
}

function encodingOfMark(bytes: Uint8Array): string | undefined {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
	if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
	return undefined;
}

/** `<meta charset="…">` within the first 1,024 bytes (HTML standard, 4.2.5.4). */
function encodingOfPage(bytes: Uint8Array): string | undefined {
	const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1024)).toString(
		'latin1',
	);
	let label: string | undefined;
	for (const tag of head.toLowerCase().split('<meta').slice(1)) {
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
