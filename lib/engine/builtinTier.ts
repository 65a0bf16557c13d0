import { EngineError, type Attempt } from './errors';
import { BUILTIN_NAME } from './rerank';
import type { ChatRequest, ChatResult } from './types/chat';
import type { BuiltinTier, CallOptions } from './types/pool';

/** Failures that the built-in tier must not hide: the request is wrong, or nobody wants the answer any more. */
const NOT_ITS_BUSINESS: ReadonlySet<string> = new Set(['invalidRequest', 'cancelled']);

/** May the built-in answerer take over from a failed (or absent) engine for this request? */
export function builtinMayAnswer(
	builtin: BuiltinTier | undefined,
	request: ChatRequest,
	error: unknown,
): boolean {
	if (builtin?.answer === undefined || request.passages === undefined || request.question === undefined)
		return false;
	return error === undefined || (error instanceof EngineError && !NOT_ITS_BUSINESS.has(error.kind));
}

/** The last tier's answer in the shape of every other; `model` says what it is. */
export async function completeBuiltin(
	builtin: BuiltinTier,
	request: ChatRequest,
	call: CallOptions,
	earlier: readonly Attempt[],
	startedAt: number,
): Promise<ChatResult> {
	if (builtin.answer === undefined)
		throw new EngineError('unsupported', 'There is no built-in answerer here.');
	const sentAt = performance.now();
	const { text, cited, quotes, found } = await builtin.answer(
		request.passages ?? [],
		request.question ?? '',
		{
			signal: call.signal,
			onlyWhenSure: request.onlyWhenSure,
			memoryScope: request.memoryScope,
		},
	);
	const now = performance.now();
	const attempt: Attempt = {
		engine: BUILTIN_NAME,
		model: 'extractive',
		outcome: 'ok',
		queueMs: 0,
		ms: Math.round(now - sentAt),
	};
	call.onAttempt?.(attempt);
	return {
		engine: BUILTIN_NAME,
		model: 'extractive',
		dialect: 'builtin',
		text,
		reasoning: '',
		toolCalls: [],
		finishReason: 'stop',
		usage: { promptTokens: 0, completionTokens: 0, estimated: true },
		timings: { queueMs: 0, firstTokenMs: now - sentAt, totalMs: now - startedAt },
		attempts: [...earlier, attempt],
		cited,
		quotes,
		found,
	};
}
