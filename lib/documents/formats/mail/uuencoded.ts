/** A file in the text of a mail, as programs before MIME sent it (POSIX uuencode). */
export interface PackedFile {
	readonly name: string;
	readonly bytes: Uint8Array;
}

/** The files that are packed in a text, and the text without them. */
export function unpackFiles(text: string): { readonly text: string; readonly files: readonly PackedFile[] } {
	if (!/^begin [0-7]{3,4} \S/m.test(text)) return { text, files: [] };
	const files: PackedFile[] = [];
	const kept: string[] = [];
	const lines = text.split('\n');
	for (let at = 0; at < lines.length; at++) {
		const [, name] = /^begin [0-7]{3,4} (\S.*)/.exec(lines[at] ?? '') ?? [];
		const parts: Buffer[] = [];
		let next = at + 1;
		for (; name !== undefined && next < lines.length; next++) {
			const part = bytesOf(lines[next] ?? '');
			if (!part) break;
			parts.push(part);
		}
		if (name === undefined || parts.length === 0) {
			kept.push(lines[at] ?? '');
			continue;
		}
		files.push({ name: name.trim(), bytes: Buffer.concat(parts) });
		// A line without bytes and "end" close the file.
		at = /^end\r?$/.test(lines[next] ?? '') ? next : next - 1;
	}
	return { text: kept.join('\n'), files };
}

/** A line: how many bytes it holds, and four letters of six bits for three of them. Spaces at its end may be missing. */
function bytesOf(line: string): Buffer | undefined {
	const letters = line.replace(/\r$/, '');
	if (letters === '' || !/^[ -`]+$/.test(letters)) return undefined;
	const six = (at: number): number => ((letters.charCodeAt(at) || 32) - 32) & 63;
	const size = six(0);
	const length = 1 + Math.ceil(size / 3) * 4;
	if (letters.length > length + 1) return undefined;
	const bytes = Buffer.alloc(Math.ceil(size / 3) * 3);
	for (let group = 0; group * 3 < size; group++) {
		const at = 1 + group * 4;
		bytes.writeUIntBE((six(at) << 18) | (six(at + 1) << 12) | (six(at + 2) << 6) | six(at + 3), group * 3, 3);
	}
	return bytes.subarray(0, size);
}
