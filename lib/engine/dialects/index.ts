import type { Dialect, Feature } from '../types/address';
import type { DialectSpec } from './dialect';
import { freellmapi } from './freellmapi';
import { llamacpp } from './llamacpp';
import { lmstudio } from './lmstudio';
import { localai } from './localai';
import { nim } from './nim';
import { ollama } from './ollama';
import { openai } from './openai';
import { sglang } from './sglang';
import { tei } from './tei';
import { tensorrt } from './tensorrt';
import { vllm } from './vllm';

export type { DialectSpec } from './dialect';

/** One file a dialect; this is the list of them. */
export const DIALECTS: { readonly [dialect in Exclude<Dialect, 'builtin'>]: DialectSpec } = {
	ollama,
	llamacpp,
	lmstudio,
	vllm,
	sglang,
	tensorrt,
	nim,
	tei,
	localai,
	freellmapi,
	openai,
};

/** Every engine type with what it can do, for menus and docs/engines.md. */
export function dialectTable(): {
	readonly dialect: Dialect;
	readonly label: string;
	readonly remote: boolean;
	readonly can: readonly Feature[];
}[] {
	return Object.values(DIALECTS).map(({ dialect, label, alwaysRemote, can }) => ({
		dialect,
		label,
		remote: alwaysRemote === true,
		can: [...can].sort(),
	}));
}
