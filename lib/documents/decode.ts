import { isUtf8 } from 'node:buffer';
import { createSlicer } from '../support';
import { declaredEncodingOf, guessEncoding, mostlyUtf8 } from './guessEncoding';
import { encodingOf } from './encoding';
import { decodeUtf32, type Utf32 } from './utf32';

/** Bytes decoded between two looks at the clock: some 2 ms; whole letters of UTF-32. */
const STEP = 1 << 20;
/** Bytes looked at to recognise an encoding. */
const SAMPLE = 1 << 16;

export interface DecodedText {
	readonly text: string;
	readonly warnings?: readonly string[];
}

/**
 * The text of bytes, in slices: by its byte order mark, else UTF-8 (also where a few bytes of it are damaged), else what an
 * HTML page or XML file says about itself, else what the bytes look like, else Windows-1252, which the WHATWG encoding
 * standard makes the default of the web.
 */
export async function decodeText(bytes: Uint8Array, kind?: 'html' | 'xml'): Promise<DecodedText> {
	const head = bytes.subarray(0, SAMPLE);
	const wide = encodingOf(head);
	if (wide !== undefined && wide !== 'utf-8') return { text: await decode(bytes, wide) };
	// One pass at some 10 GB/s.
	if (isUtf8(bytes)) return { text: await decode(bytes, 'utf-8') };
	const declared = kind === undefined ? undefined : declaredEncodingOf(bytes);
	if (declared !== undefined && declared !== 'utf-8') return { text: await decode(bytes, declared) };
	if (mostlyUtf8(bytes)) {
		return {
			text: await decode(bytes, 'utf-8'),
			warnings: [
				'Some bytes of the file are not UTF-8; each was read as �. Save the file as UTF-8 if letters are missing.',
			],
		};
	}
	const { encoding, name } = await guessEncoding(bytes);
	return {
		text: await decode(bytes, encoding),
		warnings: [`The file is not UTF-8; it was read as ${name}. Save it as UTF-8 if letters look wrong.`],
	};
}

/** The text at the beginning of a file, whose last letter may be cut. */
export function decodeHead(head: Uint8Array, encoding: string): string {
	const text = isUtf32(encoding) ? decodeUtf32(head, encoding) : new TextDecoder(encoding).decode(head);
	return text.replace(/^\uFEFF/, '');
}

const isUtf32 = (encoding: string): encoding is Utf32 => encoding.startsWith('utf-32');

async function decode(bytes: Uint8Array, encoding: string): Promise<string> {
	const decoder = isUtf32(encoding) ? undefined : new TextDecoder(encoding);
	const turn = createSlicer();
	const parts: string[] = [];
	for (let at = 0; at < bytes.byteLength; at += STEP) {
		const part = bytes.subarray(at, at + STEP);
		parts.push(
			isUtf32(encoding) ? decodeUtf32(part, encoding) : (decoder?.decode(part, { stream: true }) ?? ''),
		);
		await turn();
	}
	// `TextDecoder` leaves out the mark by itself.
	return parts.join('').replace(/^\uFEFF/, '') + (decoder?.decode() ?? '');
}
