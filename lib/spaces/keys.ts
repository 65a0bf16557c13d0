import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { isObject } from '../support';
import { SpaceError } from './errors';

/** What is kept of a key: nothing that opens a space. Numbers are scrypt's (RFC 7914), salt and hash are base64url. */
export interface StoredKey {
	readonly N: number;
	readonly r: number;
	readonly p: number;
	readonly salt: string;
	readonly hash: string;
}

/** 32 MB and some 80 ms for each guess (RFC 7914). A key that was offered has 192 bits, and needs no more. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const HASH_BYTES = 32;
/** More than any stored key needs; a damaged file cannot ask for all memory. */
const MAX_MEMORY = 256 * 2 ** 20;
const MAX_WORK = 16 * COST.N * COST.r * COST.p;
const MIN_CHARACTERS = 16;
const MAX_CHARACTERS = 200;

/** A key that nobody can guess, to be offered. */
export function proposeKey(): string {
	return randomBytes(24).toString('base64url');
}

/** Returns the key when it may be one. @throws SpaceError `invalidKey` */
export function checkKey(key: unknown): string {
	if (typeof key === 'string' && key.length >= MIN_CHARACTERS && key.length <= MAX_CHARACTERS) return key;
	throw new SpaceError(
		'invalidKey',
		`The key of a space has ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters. Test the credential with an empty key: it offers a new one.`,
	);
}

export async function storedKeyOf(key: string): Promise<StoredKey> {
	const salt = randomBytes(16);
	const hash = await derive(key, salt, HASH_BYTES, COST);
	const stored = { ...COST, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
	remember(macOf(stored, key), true);
	return stored;
}

/**
 * Bytes that follow from the name of a space and its first key alone: n8n's machines that share a server, but no folder, come
 * to the same ones, and another key to others.
 */
export async function bytesOf(name: string, key: string, bytes: number): Promise<Buffer> {
	return await derive(key, Buffer.from(`n8n-nodes-local-engine/space/${name}`), bytes, COST);
}

/**
 * Verdicts on keys, so that scrypt runs once a process for each; found by a MAC, which says nothing of the key. Wrong keys do not
 * drive out right ones, and a right one that is used stays.
 */
const verdicts = { right: new Set<string>(), wrong: new Set<string>() };
const MAX_VERDICTS = 1_000;
const secret = randomBytes(32);

/** Whether a key is the stored one; takes the same time whichever of its characters are wrong. */
export async function opens(stored: StoredKey, key: string): Promise<boolean> {
	const mac = macOf(stored, key);
	if (verdicts.wrong.has(mac)) return false;
	if (verdicts.right.delete(mac)) {
		verdicts.right.add(mac);
		return true;
	}
	const { salt, hash, ...cost } = stored;
	const expected = Buffer.from(hash, 'base64url');
	const given = await derive(key, Buffer.from(salt, 'base64url'), HASH_BYTES, cost);
	const verdict = expected.length === given.length && timingSafeEqual(expected, given);
	remember(mac, verdict);
	return verdict;
}

const macOf = ({ salt, hash }: StoredKey, key: string): string =>
	createHmac('sha256', secret).update(`${salt} ${hash} ${key}`).digest('base64');

function remember(mac: string, verdict: boolean): void {
	const known = verdict ? verdicts.right : verdicts.wrong;
	if (known.size >= MAX_VERDICTS) known.delete(known.values().next().value ?? '');
	known.add(mac);
}

export function isStoredKey(value: unknown): value is StoredKey {
	return (
		isObject(value) &&
		isCost(value.N, value.r, value.p) &&
		typeof value.salt === 'string' &&
		typeof value.hash === 'string'
	);
}

/** Whether they are scrypt's numbers, and ask for at most this many times the work: a file that was edited may ask for days. */
function isCost(...numbers: readonly unknown[]): boolean {
	const work = numbers.map((each) => (Number.isInteger(each) && Number(each) > 0 ? Number(each) : NaN));
	return work.reduce((a, b) => a * b) <= MAX_WORK;
}

/** One at a time: who tries many keys does not take all threads of the process. Others wait for them at their first opening only. */
let turn: Promise<unknown> = Promise.resolve();

async function derive(
	key: string,
	salt: Buffer,
	bytes: number,
	{ N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
	const work = turn.then(
		() =>
			new Promise<Buffer>((resolve, reject) => {
				scrypt(key.normalize('NFC'), salt, bytes, { N, r, p, maxmem: MAX_MEMORY }, (error, derived) =>
					error ? reject(error) : resolve(derived),
				);
			}),
	);
	turn = work.catch(() => undefined);
	return await work;
}
