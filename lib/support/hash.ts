import { createHash } from 'node:crypto';

/** SHA-256 of the parts as lower-case hex. Parts are length-prefixed, so ("ab","c") and ("a","bc") differ. */
export function sha256(...parts: Array<string | Uint8Array>): string {
	const hash = createHash('sha256');
	for (const part of parts) {
		const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
		hash.update(`${bytes.byteLength}:`).update(bytes);
	}
	return hash.digest('hex');
}

/**
 * A name-based UUID (layout of version 8, RFC 9562: our own hash) of the parts: the same parts give the same id in
 * every process, and both vector back ends accept it.
 */
export function contentId(...parts: string[]): string {
	const hex = sha256(...parts);
	const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
