import type { ChatRequest, Usage } from './types/chat';
import type { ChatMessage } from './types/messages';

/** Shorter system prompts are read again in no time (about 64 tokens). */
const WORTH_KEEPING = 256;
/** So many calls in a row must show it before anything is said. */
const IN_A_ROW = 3;
/** The same text behind the place that changes: at least this share of the prompt. */
const MOSTLY_SAME = 0.5;

/**
 * Notices when a flow defeats the engines' prefix cache: an engine keeps what it has read of a prompt as long as the next
 * one *begins* the same, so a date or an id near the top of a long system prompt makes it read everything again. Tell it
 * each call of one node; it returns a sentence for the user, once, when several in a row did that.
 *
 * @example
 * const watch = createCacheWatch();
 * const hint = watch(request, result.usage); // undefined, or what to move where
 */
export function createCacheWatch(): (request: ChatRequest, usage: Usage) => string | undefined {
	let last: string | undefined;
	let row = 0;
	let told = false;
	return (request, usage) => {
		const prompt = systemOf(request.messages);
		const before = last;
		last = prompt;
		if (told || before === undefined || before === prompt || prompt.length < WORTH_KEEPING) return undefined;
		const start = commonStart(before, prompt);
		const end = commonEnd(before, prompt, start);
		// What the engine says it kept counts for more than what the texts look like.
		const kept = usage.cachedTokens !== undefined && usage.cachedTokens > usage.promptTokens / 2;
		if (kept || end < prompt.length * MOSTLY_SAME) {
			row = 0;
			return undefined;
		}
		if (++row < IN_A_ROW) return undefined;
		told = true;
		const changed = prompt.slice(Math.max(0, start - 20), start + 30).replace(/\s+/g, ' ');
		return `The system prompt changes with every call at character ${start} ("…${changed}…") and is the same after it, so the engine reads all of it again each time. Put what changes at its end, or into the user's message.`;
	};
}

function systemOf(messages: readonly ChatMessage[]): string {
	const [first] = messages;
	return first?.role === 'system' && typeof first.content === 'string' ? first.content : '';
}

function commonStart(a: string, b: string): number {
	const most = Math.min(a.length, b.length);
	let i = 0;
	while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i++;
	return i;
}

function commonEnd(a: string, b: string, start: number): number {
	const most = Math.min(a.length, b.length) - start;
	let i = 0;
	while (i < most && a.charCodeAt(a.length - 1 - i) === b.charCodeAt(b.length - 1 - i)) i++;
	return i;
}
