import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../../support';
import { LANGUAGES, type Recognise, type Recognised } from './tesseract';

/** Raised when the same picture would be recognised as another text. */
const VERSION = 1;
/** What recognised the pages: what another one kept is not taken. */
const RECOGNISER = `${VERSION} ${LANGUAGES.join('+')}`;
/** What an interrupted reading left is deleted after a day, and earlier where more files than this were left. */
const MAX_AGE_MS = 24 * 3_600_000;
const MAX_FILES = 100;
/** Bytes kept of one file: some thousand pages. Pages behind that are recognised again. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Bytes kept of all files; the oldest are deleted first. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What was recognised in a picture, by the hash of the picture. */
export interface KeptPage extends Recognised {
	readonly picture: string;
}

/** Where the pages of a file are kept, and the key that only somebody who has the file can know. */
export interface KeptFile {
	readonly path: string;
	readonly key: Buffer;
}

const sha256 = (...parts: ReadonlyArray<string | Uint8Array>): Buffer => {
	const hash = createHash('sha256');
	for (const part of parts) hash.update(part);
	return hash.digest();
};

/** The folder of this user for all files. */
const usualFolder = (): string => path.join(tmpdir(), `local-engine-pages-${process.getuid?.() ?? 'own'}`);

export function keptFileOf(bytes: Uint8Array, folder = usualFolder()): KeptFile {
	const digest = sha256(bytes);
	const name = sha256(`name ${RECOGNISER} `, digest).toString('hex');
	return { path: path.join(folder, name), key: sha256('key ', digest) };
}

/** A page as a line of its file. */
export function sealPage(page: KeptPage, key: Buffer): string {
	const iv = randomBytes(IV_BYTES);
	const cipher = createCipheriv(CIPHER, key, iv);
	const sealed = Buffer.concat([cipher.update(JSON.stringify(page)), cipher.final()]);
	return `${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}\n`;
}

/** The pages of such a file. A line that was cut off with its process is left out. */
export function openPages(lines: string, key: Buffer): KeptPage[] {
	return lines.split('\n').flatMap((line) => {
		const bytes = Buffer.from(line, 'base64');
		if (bytes.byteLength <= IV_BYTES + TAG_BYTES) return [];
		try {
			const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), {
				authTagLength: TAG_BYTES,
			});
			decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
			const opened = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
			return [JSON.parse(Buffer.concat(opened).toString()) as KeptPage];
		} catch {
			// Cut off, or of somebody who does not have the file.
			return [];
		}
	});
}

/**
 * The pages of one file that were recognised already. Recognising one takes seconds: where a reading is interrupted, the next one of
 * the same file takes what is here and goes on behind it. The pages lie encrypted in the folder for temporary files until the file
 * was read to its end. Where nothing can be kept, nothing is, and the file is read all the same.
 */
export class KeptPages {
	private state:
		| { readonly file: KeptFile; readonly pages: Map<string, Recognised>; size: number }
		| undefined;
	private isOpen = false;

	constructor(
		private readonly bytes: Uint8Array,
		private readonly folder = usualFolder(),
	) {}

	/** The words of a picture of the file: as they were kept, or else recognised now. */
	recognised(recognise: Recognise, picture: Uint8Array, orientation = 1): Recognised {
		this.open();
		const { state } = this;
		if (!state) return recognise(picture, orientation);
		const hash = sha256(`${orientation} `, picture).toString('base64');
		const known = state.pages.get(hash);
		if (known) return known;
		const found = recognise(picture, orientation);
		state.pages.set(hash, found);
		this.add({ picture: hash, ...found });
		return found;
	}

	/** The file was read to its end. */
	close(): void {
		if (!this.state) return;
		remove(this.state.file.path);
		this.state = undefined;
	}

	private open(): void {
		if (this.isOpen) return;
		this.isOpen = true;
		if (!makePrivate(this.folder)) return;
		sweep(this.folder);
		const file = keptFileOf(this.bytes, this.folder);
		const kept = linesOf(file.path);
		if (kept === undefined) return;
		const pages = openPages(kept, file.key).map(({ picture, ...page }) => [picture, page] as const);
		this.state = { file, pages: new Map(pages), size: kept.length };
		// Behind a line that was cut off a new one begins.
		if (kept !== '' && !kept.endsWith('\n')) this.write('\n');
	}

	private add(page: KeptPage): void {
		if (this.state) this.write(sealPage(page, this.state.file.key));
	}

	private write(line: string): void {
		const { state } = this;
		if (!state || state.size + line.length > MAX_BYTES) return;
		state.size += line.length;
		try {
			appendFileSync(state.file.path, line, { mode: PRIVATE_FILE });
		} catch {
			// A full disk: the page is recognised again by the next reading, if there is one.
		}
	}
}

/** Makes the folder. False where it is not ours alone: everybody may write to the system's folder for temporary files. */
function makePrivate(folder: string): boolean {
	try {
		mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
		const found = lstatSync(folder);
		if (!found.isDirectory()) return false;
		// Windows has no such rights; its folder for temporary files is that of the user.
		return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o077) === 0);
	} catch {
		return false;
	}
}

/** What was kept: nothing yet is an empty text, and undefined is what cannot be read, or is longer than two readers at once leave. */
function linesOf(file: string): string | undefined {
	const found = lstatSync(file, { throwIfNoEntry: false });
	if (!found) return '';
	if (!found.isFile() || found.size > 2 * MAX_BYTES) return undefined;
	try {
		return readFileSync(file, 'latin1');
	} catch {
		// Another reader of the same file just ended and deleted it, or the disk fails: all pages are recognised again.
		return undefined;
	}
}

/** Deletes what nobody came back for. */
function sweep(folder: string): void {
	const files = readdirSync(folder).flatMap((name) => {
		const file = path.join(folder, name);
		const found = lstatSync(file, { throwIfNoEntry: false });
		return found?.isFile() ? [{ file, changed: found.mtimeMs, size: found.size }] : [];
	});
	files.sort((a, b) => b.changed - a.changed);
	let total = 0;
	files.forEach(({ file, changed, size }, at) => {
		total += size;
		const isTooMuch = at >= MAX_FILES || total > MAX_TOTAL_BYTES;
		if (isTooMuch || Date.now() - changed > MAX_AGE_MS) remove(file);
	});
}

function remove(file: string): void {
	try {
		rmSync(file, { force: true });
	} catch {
		// Windows does not delete what another reader has open just now. The next sweep does.
	}
}
