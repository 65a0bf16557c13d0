import { bpeCounter } from './bpe';
import { CODE_LANGUAGE_NAMES } from './codeLanguages';
import { CHUNK_DEFAULTS } from './defaults';
import { ChunkingError } from './errors';
import { separatorsFor } from './separators';
import type { ChunkOptions, CountTokens, SemanticOptions, SizeUnit } from './types';

const UNITS: readonly SizeUnit[] = ['characters', 'wordpiece', 'cl100k', 'o200k', 'custom'];

/** Options with every default filled in; `countTokens` is absent exactly for the unit `characters`. */
export interface ResolvedOptions {
	readonly method: ChunkOptions['method'];
	readonly size: number;
	readonly overlap: number;
	readonly unit: SizeUnit;
	readonly countTokens?: CountTokens;
	readonly parentSize: number;
	readonly separators: readonly string[];
	/** Sentences either side; 0: no sentence windows. */
	readonly window: number;
	readonly language: NonNullable<ChunkOptions['language']>;
	readonly semantic: SemanticOptions;
}

function refuse(message: string): never {
	throw new ChunkingError('invalidOptions', message);
}

function requireWhole(name: string, value: unknown, least: number): void {
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
		refuse(
			`The chunking option "${name}" is ${String(value)}. Set it to a whole number of at least ${least}.`,
		);
	}
}

/**
 * Checks options and fills in defaults.
 * @throws ChunkingError `invalidOptions` or `missingService`, naming the option and what to set.
 */
export function resolveOptions(options: ChunkOptions): ResolvedOptions {
	const {
		method,
		size,
		overlap = CHUNK_DEFAULTS.overlap,
		unit = CHUNK_DEFAULTS.unit,
		parentSize = 0,
		separators = [],
		window = 0,
		language = 'auto',
		semantic = {},
	} = options;
	requireWhole('size', size, 1);
	requireWhole('overlap', overlap, 0);
	requireWhole('parentSize', parentSize, 0);
	requireWhole('window', window, 0);
	if (overlap >= size) {
		refuse(
			`The chunk overlap (${overlap}) must be smaller than the chunk size (${size}), else no chunk would get past the one before.`,
		);
	}
	if (parentSize > 0 && parentSize < size) {
		refuse(
			`The parent size (${parentSize}) must be at least the chunk size (${size}), or 0 for no parent window.`,
		);
	}
	if (window > 0 && method !== 'sentence')
		refuse(`A sentence window goes with the method "sentence", not "${method}".`);
	if (window > 0 && parentSize > 0)
		refuse('Give a sentence window or a parent size, not both: each sets the parent of a chunk.');
	if (
		language !== 'auto' &&
		language !== 'markdown' &&
		language !== 'latex' &&
		!CODE_LANGUAGE_NAMES.includes(language)
	) {
		refuse(
			`The language "${String(language)}" is unknown. Use one of: auto, markdown, latex, ${CODE_LANGUAGE_NAMES.join(', ')}.`,
		);
	}
	checkSemantic(semantic);
	if (!UNITS.includes(unit))
		refuse(`The chunk unit "${String(unit)}" is unknown. Use one of: ${UNITS.join(', ')}.`);
	if (separators.some((separator) => typeof separator !== 'string')) refuse('Separators must be texts.');
	return {
		method,
		size,
		overlap,
		unit,
		countTokens: counterFor(unit, options.countTokens, size),
		parentSize,
		separators: separatorsOf(separators, language),
		window,
		language,
		semantic,
	};
}

function checkSemantic({
	strategy = 'cluster',
	threshold = 'percentile',
	amount,
	buffer = 0,
	pieceSize = 1,
}: SemanticOptions): void {
	if (!['cluster', 'breakpoint'].includes(strategy))
		refuse(`The semantic strategy "${String(strategy)}" is unknown. Use cluster or breakpoint.`);
	if (!['percentile', 'deviation', 'gradient'].includes(threshold)) {
		refuse(
			`The semantic threshold "${String(threshold)}" is unknown. Use percentile, deviation or gradient.`,
		);
	}
	if (amount !== undefined && !(amount >= 0 && amount <= 100))
		refuse(`The semantic amount is ${String(amount)}; it must be from 0 to 100.`);
	requireWhole('buffer', buffer, 0);
	requireWhole('pieceSize', pieceSize, 1);
}

function separatorsOf(own: readonly string[], language: ResolvedOptions['language']): readonly string[] {
	if (own.length > 0) return own.filter((separator) => separator !== '');
	return language === 'auto' ? [] : separatorsFor(language);
}

function counterFor(unit: SizeUnit, given: CountTokens | undefined, size: number): CountTokens | undefined {
	if (unit === 'characters') return undefined;
	if (unit === 'cl100k' || unit === 'o200k') return bpeCounter(unit);
	if (!given) {
		throw new ChunkingError(
			'missingService',
			`Chunks are to be measured in "${unit}" tokens, but no countTokens function was given. Give one, or measure in characters.`,
		);
	}
	const specials = given('');
	if (!Number.isFinite(specials)) {
		throw new ChunkingError(
			'badService',
			`countTokens returned ${String(specials)} for an empty text; it must return a number.`,
		);
	}
	if (specials >= size) {
		refuse(
			`A chunk of ${size} tokens has no room for text: the tokenizer's special tokens alone are ${specials}. Raise the size.`,
		);
	}
	return given;
}
