import { createSlicer } from '../support';
import type { Hit } from './types';

/*
 * Copies of a passage (a document stored under several names, a paragraph that every contract has) would take the places
 * of other passages. Two texts are twins when their windows of 24 letters and digits meet in four fifths (Jaccard; the
 * threshold of 5-word shingles, in a form that needs no words) and they hold the same numbers: what differs between two
 * versions of a price list is the answer.
 */

const WINDOW = 24;
const LEAST_SHARE = 0.8;
/** One window in so many is compared: those whose hash ends in zeros, so that both texts have the same ones. */
const SAMPLED = 4;
/** 31-bit polynomial hash; the base is odd and has bits in all bytes. */
const BASE = 0x01000193;
const LEAVING = powerOf(BASE, WINDOW);

interface Kept {
	readonly hit: Hit;
	readonly twins: Hit[];
	readonly print: Fingerprint;
}

export interface Fingerprint {
	/** Of all letters and digits. */
	readonly whole: number;
	/** Of all digits, in order. */
	readonly numbers: number;
	readonly windows: ReadonlySet<number>;
}

/**
 * Keeps the first of hits that are twins, up to `limit`; `twins` of the kept one names the others. `prints` holds what a search
 * that looks deeper has worked out before.
 */
export async function collapseTwins(
	hits: readonly Hit[],
	limit: number,
	prints = new Map<string, Fingerprint>(),
): Promise<Hit[]> {
	const turn = createSlicer();
	const kept: Kept[] = [];
	/** By the very same text, which a document may have a thousand times. */
	const byText = new Map<string, Kept>();
	const byWindow = new Map<number, Kept[]>();
	for (const hit of hits) {
		const { text } = hit;
		const same = byText.get(text);
		if (same) {
			same.twins.push(hit);
			continue;
		}
		await turn();
		const print = prints.get(text) ?? fingerprintOf(text);
		prints.set(text, print);
		const twin = twinOf(print, kept, byWindow);
		if (twin) {
			byText.set(text, twin);
			twin.twins.push(hit);
			continue;
		}
		if (kept.length === limit) break;
		const one = { hit, twins: [], print };
		kept.push(one);
		byText.set(text, one);
		for (const window of print.windows) {
			const others = byWindow.get(window);
			if (others) others.push(one);
			else byWindow.set(window, [one]);
		}
	}
	return kept.map(({ hit, twins }) =>
		twins.length === 0
			? hit
			: { ...hit, twins: twins.map(({ id, source, start, end }) => ({ id, source, start, end })) },
	);
}

function twinOf(
	print: Fingerprint,
	kept: readonly Kept[],
	byWindow: ReadonlyMap<number, readonly Kept[]>,
): Kept | undefined {
	const shared = new Map<Kept, number>();
	for (const window of print.windows) {
		for (const one of byWindow.get(window) ?? []) shared.set(one, (shared.get(one) ?? 0) + 1);
	}
	for (const [one, both] of shared) {
		const either = one.print.windows.size + print.windows.size - both;
		if (one.print.numbers === print.numbers && both >= LEAST_SHARE * either) return one;
	}
	return kept.find((one) => one.print.whole === print.whole && one.print.numbers === print.numbers);
}

function fingerprintOf(text: string): Fingerprint {
	const folded = text.toLowerCase();
	const ring = new Int32Array(WINDOW);
	const windows = new Set<number>();
	let [count, whole, numbers, hash] = [0, 0, 0, 0];
	for (let at = 0; at < folded.length; at++) {
		const code = folded.charCodeAt(at);
		if (isBetween(code)) continue;
		if (code >= 0x30 && code <= 0x39) numbers = (Math.imul(numbers, BASE) + code) | 0;
		whole = (Math.imul(whole, BASE) + code) | 0;
		const slot = count % WINDOW;
		hash = (Math.imul(hash, BASE) + code - Math.imul(ring[slot] ?? 0, LEAVING)) | 0;
		ring[slot] = code;
		count++;
		// Mixed, because the last bits of a polynomial hash are those of the last letters.
		const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
		if (count >= WINDOW && (mixed >>> 16) % SAMPLED === 0) windows.add(mixed);
	}
	return { whole, numbers, windows };
}

/** White space and punctuation, which copies differ in. */
function isBetween(code: number): boolean {
	return (
		code < 0x30 ||
		(code > 0x39 && code < 0x61) ||
		(code > 0x7a && code < 0xaa) ||
		(code >= 0x2000 && code < 0x2070) ||
		(code >= 0x3000 && code < 0x3005)
	);
}

function powerOf(base: number, exponent: number): number {
	let power = 1;
	for (let i = 0; i < exponent; i++) power = Math.imul(power, base);
	return power;
}
