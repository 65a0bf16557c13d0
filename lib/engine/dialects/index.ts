import type { Dialect } from '../types';
import type { DialectSpec } from './dialect';
import { ollama } from './ollama';
import { openai } from './openai';

export type { DialectSpec } from './dialect';

/** One file a dialect; this is the list of them. */
export const DIALECTS: { readonly [dialect in Exclude<Dialect, 'builtin'>]?: DialectSpec } = {
	ollama,
	openai,
};
