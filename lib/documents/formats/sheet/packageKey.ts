import { createDecipheriv, createHash } from 'node:crypto';
import type { ReadXml } from '../xml';
import { descendantsOf } from '../xml';

/** Excel's own password, with which it encrypts a workbook that is only protected against changes, and opens it unasked. */
const PASSWORD = Buffer.from('VelvetSweatshop', 'utf16le');
/** What keys are made for ([MS-OFFCRYPTO] 2.3.4.11 and 2.3.4.13). */
const BLOCK = {
	input: Buffer.from('fea7d2763b4b9e79', 'hex'),
	hash: Buffer.from('d7aa0f6d3061344e', 'hex'),
	key: Buffer.from('146e0be7abacd0d6', 'hex'),
};
/** Rounds of the hash; Office makes 100,000, and more would keep a reader for minutes. */
const MOST_ROUNDS = 1_000_000;
const STANDARD_ROUNDS = 50_000;
/** Bytes that are encrypted with one vector. */
const SEGMENT = 4096;

/**
 * The workbook in an encrypted package (the streams `EncryptionInfo` and `EncryptedPackage`) if it has Excel's own password;
 * undefined where it has another one, or is encrypted in a way that is not known.
 */
export function openPackage(info: Buffer, encrypted: Buffer, readXml: ReadXml): Buffer | undefined {
	if (info.byteLength < 8 || encrypted.byteLength < 8) return undefined;
	const isAgile = info.readUInt16LE(2) === 4;
	const data = encrypted.subarray(8);
	const plain = isAgile
		? agile(info.toString('utf8', 8), data, readXml)
		: info.readUInt16LE(2) === 2
			? standard(info.subarray(8), data)
			: undefined;
	return plain?.subarray(0, Number(encrypted.readBigUInt64LE(0)));
}

/** [MS-OFFCRYPTO] 2.3.4.10: what an XML text says. */
function agile(text: string, data: Buffer, readXml: ReadXml): Buffer | undefined {
	const root = readXml(text);
	const content = attributesIn(descendantsOf(root, 'keyData')[0]);
	const password = attributesIn(descendantsOf(root, 'encryptedKey')[0]);
	const rounds = Number(password.text('spinCount'));
	if (!(rounds <= MOST_ROUNDS)) return undefined;
	const salt = password.bytes('saltValue');
	const hashed = rehashed(password.hash, salt, rounds);
	const size = Number(password.text('keyBits')) / 8;
	const opened = (name: string, block: Buffer): Buffer =>
		decrypted(
			`aes-${size * 8}-cbc`,
			sized(hash(password.hash, hashed, block), size),
			sized(salt, 16),
			password.bytes(name),
		);
	const input = opened('encryptedVerifierHashInput', BLOCK.input);
	const expected = opened('encryptedVerifierHashValue', BLOCK.hash);
	const found = hash(password.hash, input);
	if (!expected.subarray(0, found.byteLength).equals(found)) return undefined;
	const key = opened('encryptedKeyValue', BLOCK.key).subarray(0, size);
	const parts: Buffer[] = [];
	for (let at = 0; at < data.byteLength; at += SEGMENT) {
		const vector = sized(hash(content.hash, content.bytes('saltValue'), number32(at / SEGMENT)), 16);
		parts.push(decrypted(`aes-${size * 8}-cbc`, key, vector, data.subarray(at, at + SEGMENT)));
	}
	return Buffer.concat(parts);
}

/** [MS-OFFCRYPTO] 2.3.4.5–2.3.4.9: as Office 2007 does it. */
function standard(info: Buffer, data: Buffer): Buffer | undefined {
	const header = info.readUInt32LE(0);
	const size = info.readUInt32LE(4 + 16) / 8;
	const verifier = info.subarray(4 + header);
	const last = hash('sha1', rehashed('sha1', verifier.subarray(4, 20), STANDARD_ROUNDS), number32(0));
	const mixed = (fill: number): Buffer => {
		const block = Buffer.alloc(64, fill);
		last.forEach((byte, at) => (block[at] = byte ^ fill));
		return hash('sha1', block);
	};
	const key = Buffer.concat([mixed(0x36), mixed(0x5c)]).subarray(0, size);
	const opened = (bytes: Buffer): Buffer => decrypted(`aes-${size * 8}-ecb`, key, null, bytes);
	const found = hash('sha1', opened(verifier.subarray(20, 36)));
	if (!opened(verifier.subarray(40, 72)).subarray(0, 20).equals(found)) return undefined;
	return opened(data);
}

function attributesIn(element: { readonly attributes: Readonly<Record<string, string>> } | undefined): {
	readonly hash: string;
	text(name: string): string;
	bytes(name: string): Buffer;
} {
	const text = (name: string): string => element?.attributes[name] ?? '';
	return {
		hash: text('hashAlgorithm').toLowerCase().replace('-', ''),
		text,
		bytes: (name) => Buffer.from(text(name), 'base64'),
	};
}

function rehashed(algorithm: string, salt: Buffer, rounds: number): Buffer {
	let found = hash(algorithm, salt, PASSWORD);
	for (let round = 0; round < rounds; round++) found = hash(algorithm, number32(round), found);
	return found;
}

const hash = (algorithm: string, ...parts: Buffer[]): Buffer => {
	const sum = createHash(algorithm);
	for (const part of parts) sum.update(part);
	return sum.digest();
};

function number32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}

const sized = (bytes: Buffer, size: number): Buffer => Buffer.concat([bytes, Buffer.alloc(size, 0x36)], size);

function decrypted(cipher: string, key: Buffer, vector: Buffer | null, data: Buffer): Buffer {
	const decipher = createDecipheriv(cipher, key, vector);
	decipher.setAutoPadding(false);
	const whole = data.subarray(0, data.byteLength - (data.byteLength % 16));
	return Buffer.concat([decipher.update(whole), decipher.final()]);
}
