import { createHash } from 'node:crypto';

/**
 * Excel encrypts an XLS file whose structure is protected with a password of its own that everybody knows, and opens it without
 * a question ([MS-OFFCRYPTO] 2.2, [MS-XLS] 2.2.10).
 */
const PASSWORD = Buffer.from('VelvetSweatshop', 'utf16le');
/** Bytes that one key is used for. */
const BLOCK = 1024;
const RECORD = { encryption: 0x2f, sheet: 0x85, nothing: 0xe2 } as const;
/** Records that are never encrypted ([MS-XLS] 2.2.10). */
const PLAIN: ReadonlySet<number> = new Set([0x809, RECORD.encryption, 0xe1, 0x194, 0x195, 0x196, 0x138]);
const RC4 = 1;

/** The key of a block of the stream. */
type KeyOf = (block: number) => Buffer;

/**
 * The stream of a workbook as it was before it was encrypted with Excel's own password; undefined where it has another one, or is
 * not encrypted.
 */
export function withDefaultPassword(stream: Buffer): Buffer | undefined {
	const place = encryptionIn(stream);
	const keyOf = place === undefined ? undefined : keysOf(stream.subarray(place.start, place.end));
	if (!place || !keyOf) return undefined;
	const plain = Buffer.from(stream);
	const keys = keyStream(keyOf, stream.byteLength);
	for (const { type, start, end } of recordsOf(stream)) {
		if (PLAIN.has(type)) continue;
		// Where a sheet begins stands as it is.
		for (let at = type === RECORD.sheet ? start + 4 : start; at < end; at++)
			plain[at] = (stream[at] ?? 0) ^ (keys[at] ?? 0);
	}
	plain.writeUInt16LE(RECORD.nothing, place.start - 4);
	return plain;
}

function* recordsOf(stream: Buffer): Generator<{ type: number; start: number; end: number }> {
	for (let at = 0; at + 4 <= stream.byteLength; ) {
		const [type, size] = [stream.readUInt16LE(at), stream.readUInt16LE(at + 2)];
		const end = Math.min(at + 4 + size, stream.byteLength);
		yield { type, start: at + 4, end };
		at = end;
	}
}

/** The record that says how the stream is encrypted: among the first ones. */
function encryptionIn(stream: Buffer): { start: number; end: number } | undefined {
	let seen = 0;
	for (const record of recordsOf(stream)) {
		if (record.type === RECORD.encryption) return record;
		if (++seen > 20) return undefined;
	}
	return undefined;
}

/** The keys of a file with Excel's own password; undefined for another password or kind of encryption. */
function keysOf(record: Buffer): KeyOf | undefined {
	if (record.byteLength < 6 || record.readUInt16LE(0) !== RC4) return undefined;
	const isOld = record.readUInt16LE(2) === 1;
	return isOld ? oldKeys(record.subarray(6)) : newKeys(record.subarray(6));
}

/** RC4 with 40 bits ([MS-OFFCRYPTO] 2.3.6). */
function oldKeys(data: Buffer): KeyOf | undefined {
	if (data.byteLength < 48) return undefined;
	const salted = Buffer.concat([hash('md5', PASSWORD).subarray(0, 5), data.subarray(0, 16)]);
	const base = hash('md5', ...Array.from({ length: 16 }, () => salted)).subarray(0, 5);
	const keyOf = (block: number): Buffer => hash('md5', base, numbered(block));
	const isRight = proves(keyOf(0), data.subarray(16, 32), data.subarray(32, 48), 'md5');
	return isRight ? keyOf : undefined;
}

/** RC4 of the CryptoAPI ([MS-OFFCRYPTO] 2.3.5). */
function newKeys(data: Buffer): KeyOf | undefined {
	if (data.byteLength < 8) return undefined;
	const headSize = data.readUInt32LE(4);
	const verifier = data.subarray(8 + headSize);
	if (headSize < 20 || verifier.byteLength < 60) return undefined;
	const bytes = (data.readUInt32LE(8 + 16) || 40) / 8;
	const base = hash('sha1', verifier.subarray(4, 20), PASSWORD);
	const keyOf = (block: number): Buffer => {
		const key = hash('sha1', base, numbered(block)).subarray(0, bytes);
		return bytes === 5 ? Buffer.concat([key, Buffer.alloc(11)]) : key;
	};
	const isRight = proves(keyOf(0), verifier.subarray(20, 36), verifier.subarray(40, 60), 'sha1');
	return isRight ? keyOf : undefined;
}

/** Whether the key opens a number and its hash, which stand in the file for that. */
function proves(key: Buffer, number: Buffer, hashed: Buffer, algorithm: 'md5' | 'sha1'): boolean {
	const keys = rc4(key, number.byteLength + hashed.byteLength);
	const open = Buffer.concat([number, hashed]).map((byte, at) => byte ^ (keys[at] ?? 0));
	return hash(algorithm, open.subarray(0, number.byteLength)).equals(open.subarray(number.byteLength));
}

const hash = (algorithm: 'md5' | 'sha1', ...parts: readonly Uint8Array[]): Buffer =>
	parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest();

function numbered(block: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(block);
	return bytes;
}

/** The bytes that a stream of this length is mixed with. */
function keyStream(keyOf: KeyOf, length: number): Uint8Array {
	const keys = new Uint8Array(length);
	for (let block = 0; block * BLOCK < length; block++)
		keys.set(rc4(keyOf(block), Math.min(BLOCK, length - block * BLOCK)), block * BLOCK);
	return keys;
}

/** OpenSSL has RC4 only where its old algorithms are turned on. */
function rc4(key: Uint8Array, length: number): Uint8Array {
	const state = Uint8Array.from({ length: 256 }, (_, at) => at);
	const swap = (a: number, b: number): void => {
		[state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0];
	};
	for (let at = 0, other = 0; at < 256; at++) {
		other = (other + (state[at] ?? 0) + (key[at % key.byteLength] ?? 0)) & 255;
		swap(at, other);
	}
	let [first, second] = [0, 0];
	return Uint8Array.from({ length }, () => {
		first = (first + 1) & 255;
		second = (second + (state[first] ?? 0)) & 255;
		swap(first, second);
		return state[((state[first] ?? 0) + (state[second] ?? 0)) & 255] ?? 0;
	});
}
