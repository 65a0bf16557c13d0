import { EngineError } from '../errors';
import type { ModelUse } from '../types/address';
import type { ModelInfo } from '../types/operations';

/**
 * Whether a name of an engine's list means the requested model: the name itself, `name:latest` for what everybody calls
 * `name` (Ollama), and the file of a path (llama.cpp lists the path that it was started with).
 */
export function sameModel(listed: string, requested: string): boolean {
	return (
		listed === requested ||
		listed === `${requested}:latest` ||
		`${listed}:latest` === requested ||
		(listed.endsWith(`/${requested}`) && !requested.includes('/') && listed.startsWith('/'))
	);
}

/** The model of a list that a name means. */
export function findModel(list: readonly ModelInfo[], requested: string): ModelInfo | undefined {
	return (
		list.find(({ id }) => id === requested) ??
		list.find(({ id, aliases }) => sameModel(id, requested) || aliases?.includes(requested) === true)
	);
}

/** Whether an engine says of a model that it is not for this use. An engine that says nothing about a model excludes nothing. */
export function servesUse({ capabilities }: ModelInfo, use: ModelUse): boolean {
	if (capabilities === undefined || capabilities.length === 0) return true;
	const chats = capabilities.some((word) => word === 'completion' || word === 'chat');
	if (use === 'chat') return chats || !capabilities.some((word) => word === 'embedding' || word === 'rerank');
	if (use === 'rerank') return capabilities.includes('rerank');
	return capabilities.includes('embedding');
}

const NEAR_NAMES = 3;
/** Longer lists are not searched to their end: the error must not hold up n8n. */
const MOST_COMPARED = 500;
const MOST_CHARACTERS = 100;

/** Names that a mistyped one may have meant, the most similar first: shared pairs of letters (Dice's coefficient). */
export function nearNames(requested: string, names: readonly string[]): string[] {
	const wanted = pairsOf(requested);
	return [...new Set(names)]
		.slice(0, MOST_COMPARED)
		.map((name) => ({ name, score: similarity(wanted, pairsOf(name)) }))
		.filter(({ score }) => score > 0.3)
		.sort((a, b) => b.score - a.score)
		.slice(0, NEAR_NAMES)
		.map(({ name }) => name);
}

function pairsOf(name: string): Set<string> {
	const text = name.slice(0, MOST_CHARACTERS).toLowerCase();
	return new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2)));
}

function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
	if (a.size + b.size === 0) return 0;
	let shared = 0;
	for (const pair of a) if (b.has(pair)) shared++;
	return (2 * shared) / (a.size + b.size);
}

/** The error for a model that an engine does not hold, with the names that may have been meant. */
export function notHeld(engine: string, requested: string, list: readonly ModelInfo[]): EngineError {
	const names = list.map(({ id }) => id);
	return new EngineError(
		'modelNotFound',
		`${engine} does not have the model "${requested}". ${meant(requested, names)}`,
		{
			engine,
			model: requested,
			modelNames: names,
		},
	);
}

/** What to do about a name that nobody has. */
export function meant(requested: string, names: readonly string[]): string {
	const near = nearNames(requested, names);
	if (near.length > 0) return `Similar names: ${near.join(', ')}.`;
	if (names.length === 0) return 'It lists no models. Load or pull one first.';
	const more = names.length > NEAR_NAMES ? ` and ${names.length - NEAR_NAMES} more` : '';
	return `It has: ${names.slice(0, NEAR_NAMES).join(', ')}${more}.`;
}
