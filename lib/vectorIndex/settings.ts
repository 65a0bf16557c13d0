import { isObject } from '../support';
import { IndexError } from './errors';
import { checkLayout } from './layout';
import { KEYWORD_ANALYSIS } from './terms';
import type { IndexSettings } from './types';

const PRESETS: ReadonlyArray<IndexSettings['preset']> = [
	undefined,
	'fast',
	'balanced',
	'accurate',
	'lowMemory',
];
/** Qdrant's limit; LanceDB has none so low. */
const MAX_DIMENSIONS = 65_535;

/** How indexes are stored: columns, payload fields, terms, manifest. Raised with every change that older versions cannot read. */
export const FORMAT = 1;

/** Throws `unsupported` unless this version of the pack can use an index that was stored in this format. */
export function checkFormat(name: string, format: number): void {
	if (format === FORMAT) return;
	throw new IndexError(
		'unsupported',
		`The index "${name}" is stored in format ${format}, and this version of the pack uses format ${FORMAT}. ` +
			(format > FORMAT
				? 'It was made by a newer version: update the pack on this n8n.'
				: 'Install the version of the pack that made it, take a Snapshot or an Export there, and store the documents again.'),
	);
}

/** Whether stored JSON is the settings of an index. */
export function isSettings(value: unknown): value is IndexSettings {
	return (
		isObject(value) &&
		typeof value.dimensions === 'number' &&
		typeof value.fingerprint === 'string' &&
		typeof value.model === 'string' &&
		(value.notes === undefined || isObject(value.notes)) &&
		(value.layout === undefined || isObject(value.layout))
	);
}

/** Checks the settings of a new index. Throws `invalidSettings`. */
export function checkSettings(settings: IndexSettings): IndexSettings {
	const { dimensions, fingerprint, model, preset, vectorWeight } = settings;
	if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
		throw invalid(`dimensions must be a whole number from 1 to ${MAX_DIMENSIONS}`);
	}
	if (typeof fingerprint !== 'string' || fingerprint === '')
		throw invalid('the embedding fingerprint is missing');
	if (typeof model !== 'string' || model === '') throw invalid('the name of the embedding model is missing');
	if (!PRESETS.includes(preset)) throw invalid('preset must be fast, balanced, accurate or lowMemory');
	if (vectorWeight !== undefined && !(vectorWeight >= 0 && vectorWeight <= 1)) {
		throw invalid('vectorWeight must be a number from 0 to 1');
	}
	checkLayout(settings.layout);
	return settings;
}

/**
 * Throws `fingerprintMismatch` unless vectors made under `wanted` may go into an index with `settings`, and `unsupported`
 * where its words were read by a later version of this pack.
 */
export function checkCompatible(
	name: string,
	settings: IndexSettings,
	wanted: { readonly fingerprint?: string; readonly dimensions?: number; readonly model?: string },
): void {
	if (settings.keywordAnalysis !== undefined && settings.keywordAnalysis !== KEYWORD_ANALYSIS) {
		throw new IndexError(
			'unsupported',
			`The keyword search of the index "${name}" has analysis ${settings.keywordAnalysis}; this version of the pack has ${KEYWORD_ANALYSIS}. ` +
				'Update the pack on this machine, or sync the documents into a new index.',
		);
	}
	const same =
		(wanted.fingerprint === undefined || wanted.fingerprint === settings.fingerprint) &&
		(wanted.dimensions === undefined || wanted.dimensions === settings.dimensions);
	if (same) return;
	const other = [
		wanted.model && `"${wanted.model}"`,
		wanted.dimensions && `${wanted.dimensions} dimensions`,
		wanted.fingerprint && `fingerprint ${wanted.fingerprint.slice(0, 12)}`,
	];
	throw new IndexError(
		'fingerprintMismatch',
		`The index "${name}" was built with the embedding model "${settings.model}" (${settings.dimensions} dimensions, ` +
			`fingerprint ${settings.fingerprint.slice(0, 12)}) and cannot take vectors of another one ` +
			`(${other.filter(Boolean).join(', ')}). Choose that model again, or migrate the index to the new one.`,
	);
}

function invalid(problem: string): IndexError {
	return new IndexError('invalidSettings', `The index cannot be made: ${problem}.`);
}
