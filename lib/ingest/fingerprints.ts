import { createHash, hash as hashAtOnce } from 'node:crypto';
import type { ChunkOptions } from '../chunking';
import { createSlicer, sha256, stableJson, type JsonValue } from '../support';
import type { ContextKind, Metadata } from './types';

/** Raised when the same text would be turned into other points, so that a new release re-indexes by itself. */
const PIPELINE_VERSION = '1';

/** Code units hashed between two looks at the clock: about 1 ms. */
const HASH_STEP = 1 << 18;

/**
 * SHA-256 of a text as UTF-8 (half surrogate pairs count as �, which they are stored as), without holding the event
 * loop: a text of 100 million characters takes some 100 ms in slices of 10.
 */
export async function hashText(text: string): Promise<string> {
	if (text.length <= HASH_STEP) return hashAtOnce('sha256', text);
	const hash = createHash('sha256');
	const turn = createSlicer();
	for (let at = 0; at < text.length; ) {
		// A pair is not torn: its halves would count as two �.
		const end = at + HASH_STEP - (isHighSurrogate(text.charCodeAt(at + HASH_STEP - 1)) ? 1 : 0);
		hash.update(text.slice(at, end), 'utf8');
		at = end;
		await turn();
	}
	return hash.digest('hex');
}

function isHighSurrogate(code: number): boolean {
	return code >= 0xd800 && code <= 0xdbff;
}

/** The reader (`readerOf`) that a content hash names; undefined of what came as text. */
export function readerOfContent(contentHash: string): string | undefined {
	const end = contentHash.indexOf(':');
	return end < 0 ? undefined : contentHash.slice(0, end);
}

/** SHA-256 of a file's bytes, in the same slices. */
export async function hashBytes(bytes: Uint8Array): Promise<string> {
	const hash = createHash('sha256');
	const turn = createSlicer();
	for (let at = 0; at < bytes.byteLength; at += HASH_STEP) {
		hash.update(bytes.subarray(at, at + HASH_STEP));
		await turn();
	}
	return hash.digest('hex');
}

/** Everything besides the document that decides which points come out of it. */
export function hashSettings(chunking: ChunkOptions, context: ContextKind, fingerprint: string): string {
	return sha256(PIPELINE_VERSION, stableJson(chunking), context, fingerprint);
}

export function hashMetadata(title: string | undefined, metadata: Metadata | undefined): string {
	return sha256(stableJson(title), stableJson(metadata ?? {}));
}

/** The same version of a document under the same settings has the same generation in every process. */
export function generationOf(
	source: string,
	contentHash: string,
	settingsHash: string,
	metadataHash: string,
): string {
	return sha256(source, contentHash, settingsHash, metadataHash).slice(0, 32);
}

/** Deeper than any metadata a person wrote; a cycle ends here. */
const MAX_DEPTH = 64;

/**
 * A JSON value as it will read back, or undefined if it is none (a cycle, a BigInt, a function). Half surrogate
 * pairs cannot be stored as UTF-8: they are replaced, and `onMended` is called.
 */
export function toJsonValue(value: unknown, onMended?: () => void): JsonValue | undefined {
	const mend = (text: string): string => {
		if (!text.isWellFormed()) onMended?.();
		return text.toWellFormed();
	};
	const convert = (entry: unknown, depth: number): JsonValue | undefined => {
		if (depth > MAX_DEPTH) throw new RangeError('The value is nested too deeply');
		if (typeof entry === 'string') return mend(entry);
		if (typeof entry === 'number') return Number.isFinite(entry) ? entry : null;
		if (typeof entry === 'boolean' || entry === null) return entry;
		if (typeof entry === 'bigint') throw new TypeError('A BigInt is not a JSON value');
		if (typeof entry !== 'object') return undefined;
		// Dates become text, as JSON.stringify has it.
		if (hasToJson(entry)) return convert(entry.toJSON(), depth + 1);
		if (Array.isArray(entry)) return entry.map((inner) => convert(inner, depth + 1) ?? null);
		const fields: Array<[string, JsonValue]> = [];
		for (const [key, inner] of Object.entries(entry)) {
			const converted = convert(inner, depth + 1);
			if (converted !== undefined) fields.push([mend(key), converted]);
		}
		return Object.fromEntries(fields);
	};
	try {
		return convert(value, 0);
	} catch {
		return undefined;
	}
}

function hasToJson(value: object): value is { toJSON(): unknown } {
	return 'toJSON' in value && typeof value.toJSON === 'function';
}
