import { createRequire } from 'node:module';
import { loadPart } from '../../support';

/**
 * The ranked byte strings of one of OpenAI's encodings, as js-tiktoken ships them (no download at run time). Bytes are
 * kept as strings of characters 0–255, which V8 hashes and compares fastest.
 */
export interface Vocabulary {
	/** Rank by bytes. */
	readonly ranks: ReadonlyMap<string, number>;
	/** Bytes by rank. */
	readonly bytes: readonly string[];
	/** Bytes of the longest token. */
	readonly longest: number;
}

const FILES = { cl100k: 'js-tiktoken/ranks/cl100k_base', o200k: 'js-tiktoken/ranks/o200k_base' } as const;

/** Reads the table: 80 ms for cl100k and 170 ms for o200k, once a process and only when the unit is used. */
export function loadVocabulary(name: keyof typeof FILES): Vocabulary {
	const table = readTable(loadPart((): unknown => createRequire(__filename)(FILES[name])));
	const ranks = new Map<string, number>();
	const bytes: string[] = [];
	let longest = 0;
	// Lines of "! FIRST_RANK TOKEN TOKEN …", tokens in base64.
	for (const line of table.split('\n')) {
		const [, first = '0', ...tokens] = line.split(' ');
		tokens.forEach((token, i) => {
			const text = atob(token);
			const rank = Number(first) + i;
			ranks.set(text, rank);
			bytes[rank] = text;
			longest = Math.max(longest, text.length);
		});
	}
	return { ranks, bytes, longest };
}

function readTable(loaded: unknown): string {
	const value =
		typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
	if (
		typeof value === 'object' &&
		value !== null &&
		'bpe_ranks' in value &&
		typeof value.bpe_ranks === 'string'
	)
		return value.bpe_ranks;
	throw new TypeError(
		'js-tiktoken has no table of ranks in the form this version reads; install the version in package.json.',
	);
}
