import type { ReadNested } from './parse';
import type { DocumentWriter } from './writer';

/** Shorter ones are keys, signatures and icons, or words. */
const LEAST_LENGTH = 1_000;
/** Lines of base64 have 64 or 76 letters; words are shorter. */
const LEAST_LINE = 40;

/**
 * The bytes of a value that is a file in base64, with `data:` before it or not: an invoice in XML carries its PDF so. Undefined
 * for another value.
 */
export function embeddedFile(value: string): Uint8Array | undefined {
	if (value.length < LEAST_LENGTH) return undefined;
	const start = value.startsWith('data:') ? value.slice(0, 200).indexOf(';base64,') : -1;
	const given = start === -1 ? value : value.slice(start + ';base64,'.length);
	const lines = given.trim().split(/\s+/);
	const isPacked = lines.every(
		(line, at) => /^[\w+/-]*={0,2}$/.test(line) && (line.length >= LEAST_LINE || at === lines.length - 1),
	);
	const text = lines.join('');
	const isMixed = /[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text);
	return isPacked && isMixed ? Buffer.from(text, 'base64') : undefined;
}

/** The files within the values of one file, which are read behind it. */
export class EmbeddedFiles {
	private readonly found: Array<{ readonly name: string; readonly bytes: Uint8Array }> = [];

	/** Whether a value is a file; then it is kept. @param name where it stands */
	take(name: string, value: string): boolean {
		const bytes = embeddedFile(value);
		if (bytes) this.found.push({ name, bytes });
		return bytes !== undefined;
	}

	async read(readNested: ReadNested, writer: DocumentWriter): Promise<void> {
		for (const { name, bytes } of this.found) await readNested({ name, bytes, title: name }, writer);
	}
}
