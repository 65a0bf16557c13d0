import type { ChatMessage } from '../types/messages';
import type { Engine } from './engine';

/**
 * The engine for the next request among those of one tier that have room: the one that probably holds the prompt's
 * prefix, unless it is more than `imbalance` requests busier than the idlest; else the least busy; ties go round.
 */
export function chooseEngine(
	engines: readonly Engine[],
	affinity: number | undefined,
	imbalance: number,
	turn: number,
): Engine | undefined {
	const [only] = engines;
	if (engines.length < 2) return only;
	const now = performance.now();
	let least: Engine | undefined;
	let leastLoad = Number.POSITIVE_INFINITY;
	for (let i = 0; i < engines.length; i++) {
		const engine = engines[(i + turn) % engines.length];
		if (engine === undefined) continue;
		engine.refreshQueue(now);
		const load = engine.load(now);
		if (load < leastLoad) {
			least = engine;
			leastLoad = load;
		}
	}
	if (affinity === undefined) return least;
	const home = homeOf(engines, affinity);
	return home !== undefined && home.load(now) <= leastLoad + imbalance ? home : least;
}

/** Rendezvous hashing: each prefix has one home, and an engine that comes or goes moves only its own share. */
function homeOf(engines: readonly Engine[], affinity: number): Engine | undefined {
	let best: Engine | undefined;
	let bestWeight = -1;
	for (const engine of engines) {
		const weight = hash(engine.name, affinity);
		if (weight > bestWeight) {
			best = engine;
			bestWeight = weight;
		}
	}
	return best;
}

/** Shorter beginnings cost an engine next to nothing to read again (about 64 tokens). */
const WORTH_KEEPING = 256;
const PREFIX_CHARS = 4096;

/** A hash of what an engine's prefix cache would keep: the system prompt and the first message. */
export function prefixOf(messages: readonly ChatMessage[]): number | undefined {
	let length = 0;
	let value = 0;
	for (const message of messages) {
		const text = typeof message.content === 'string' ? message.content : '';
		length += text.length;
		value = hash(text.length > PREFIX_CHARS ? text.slice(0, PREFIX_CHARS) : text, value);
		if (message.role !== 'system') break;
	}
	return length < WORTH_KEEPING ? undefined : value;
}

/** FNV-1a over UTF-16 code units, 32 bits: quick, and spreads well enough for a handful of engines. */
function hash(text: string, seed: number): number {
	let value = (0x811c9dc5 ^ seed) >>> 0;
	for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
	value ^= value >>> 15;
	value = Math.imul(value, 0x85ebca6b);
	return (value ^ (value >>> 13)) >>> 0;
}
