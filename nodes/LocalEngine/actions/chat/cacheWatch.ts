import type { Usage } from '../../../../lib/engine';

/** Below this a prompt is read so fast that caching it would not be noticed. */
const LONG_PROMPT_TOKENS = 400;
/** Fewer calls say nothing: the first one always fills the cache. */
const ENOUGH_CALLS = 3;
/** Flows that put the unchanging part first reach well over half. */
const LOW_SHARE = 0.1;

/** Watches whether the calls of one execution share a beginning that the engine can keep in its prompt cache. */
export class CacheWatch {
	private calls = 0;
	private promptTokens = 0;
	private cachedTokens = 0;

	/** Calls of engines that do not report cached tokens are left out: nothing can be said about them. */
	add({ promptTokens, cachedTokens }: Usage): void {
		if (cachedTokens === undefined) return;
		this.calls++;
		this.promptTokens += promptTokens;
		this.cachedTokens += cachedTokens;
	}

	/** What to change, when long prompts hardly ever hit the cache. */
	hint(): string | undefined {
		if (this.calls < ENOUGH_CALLS || this.promptTokens / this.calls < LONG_PROMPT_TOKENS) return undefined;
		const share = this.cachedTokens / this.promptTokens;
		if (share >= LOW_SHARE) return undefined;
		return (
			`The engine read all ${this.calls} prompts almost from the beginning (${Math.round(share * 100)} % came from its prompt cache). ` +
			'Put what stays the same (instructions, examples) into the System Message or at the beginning of the message, and what changes with each item at the end: then it is read only once.'
		);
	}
}
