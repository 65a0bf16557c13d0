import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from './errors';
import type { GatewayKey } from './types';

export interface KnownKey extends Omit<GatewayKey, 'key'> {
	readonly digest: Buffer;
}

/** @throws GatewayError `invalidRequest` for a key that can be guessed, or two callers of one name */
export function checkKeys(keys: readonly GatewayKey[]): void {
	const names = new Set<string>();
	for (const { name, key } of keys) {
		if (key.length < 16)
			throw new GatewayError(
				'invalidRequest',
				`The key of "${name}" is shorter than 16 characters; make a longer one.`,
			);
		if (names.has(name)) throw new GatewayError('invalidRequest', `Two keys are named "${name}".`);
		names.add(name);
	}
}

/** Keeps the keys as hashes only. */
export function hashKeys(keys: readonly GatewayKey[]): KnownKey[] {
	checkKeys(keys);
	return keys.map(({ key, ...rest }) => ({ ...rest, digest: digestOf(key) }));
}

/**
 * The key of a request (`Authorization: Bearer …`, or `x-api-key`/`api-key` as some clients send it). Compares with every known key
 * in constant time, hashes of equal length: how long it takes tells nothing about how much of a guess was right.
 *
 * @throws GatewayError `unauthorized`
 */
export function findKey(headers: IncomingHttpHeaders, known: readonly KnownKey[]): KnownKey {
	const given = keyOf(headers);
	if (given === undefined)
		throw new GatewayError(
			'unauthorized',
			'This gateway needs an API key: send it as "Authorization: Bearer KEY".',
		);
	const digest = digestOf(given);
	let found: KnownKey | undefined;
	for (const key of known) if (timingSafeEqual(key.digest, digest)) found = key;
	if (!found) throw new GatewayError('unauthorized', 'The API key is not one of this gateway.');
	return found;
}

/** Whether a request tries to show a key at all (`/health` is open without one). */
export function carriesKey(headers: IncomingHttpHeaders): boolean {
	return headers.authorization !== undefined || keyOf(headers) !== undefined;
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
	const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
	const plain = headers['x-api-key'] ?? headers['api-key'];
	return bearer ?? (typeof plain === 'string' && plain !== '' ? plain : undefined);
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();
