import { compact } from '../../support';
import type { CallOptions, ChatRequest, ChatResult } from '../../engine';
import type { Answer, Message } from '../types';

/** `EnginePool.complete`, handed in so that limits, failover and keys stay where they are. */
export type Complete = (request: ChatRequest, call?: CallOptions) => Promise<ChatResult>;

/** Our messages as the engine takes them. */
export function toRequestMessages(messages: readonly Message[]): ChatRequest['messages'] {
	return messages.map((message) => {
		if (message.role === 'assistant') {
			return compact({
				role: 'assistant' as const,
				content: message.content,
				reasoning: message.reasoning,
				toolCalls: message.toolCalls,
			});
		}
		if (message.role === 'tool') {
			return compact({
				role: 'tool' as const,
				toolCallId: message.toolCallId ?? '',
				name: message.name,
				content: message.content,
			});
		}
		return { role: message.role, content: message.content };
	});
}

/** An engine's answer in the record's shape; `temperature` is kept beside the log probabilities it shaped. */
export function toAnswer(result: ChatResult, temperature: number | undefined): Answer {
	const { logprobs } = result;
	return compact({
		content: result.text,
		reasoning: result.reasoning === '' ? undefined : result.reasoning,
		toolCalls:
			result.toolCalls.length === 0
				? undefined
				: result.toolCalls.map(({ id, name, arguments: text }) => ({ id, name, arguments: text })),
		finishReason: result.finishReason,
		model: result.model,
		logprobs:
			logprobs === undefined || logprobs.length === 0
				? undefined
				: compact({
						positions: logprobs,
						temperature,
						k: Math.max(...logprobs.map((entry) => entry.top?.length ?? 0)),
					}),
	});
}

/**
 * Licences whose terms forbid training other models on a model's answers, or bind what comes out of it, matched against
 * the names people write. Sources: OpenAI terms of use (2.c.iii, competing models), Anthropic commercial terms (D.4),
 * Google Gemini API terms (use restrictions), Llama 2 and 3 community licences (1.b.v; since 3.1 it is allowed with the
 * name "Llama" in the student's), Cohere CC-BY-NC weights.
 */
const FORBIDDING: ReadonlyArray<readonly [pattern: RegExp, why: string]> = [
	[
		/^(openai|chatgpt|gpt)[-_ ]?(terms|tos|proprietary)?$/i,
		'OpenAI’s terms forbid using output to develop competing models',
	],
	[/anthropic|claude/i, 'Anthropic’s terms forbid using output to train competing models'],
	[/gemini|google[-_ ]?api/i, 'Google’s API terms forbid using output to develop competing models'],
	[
		/llama[-_ ]?(2|3)([-_ ]?community)?$|llama[-_ ]?(2|3)[-_ ]community/i,
		'the Llama 2 and 3 licences forbid using output to improve other models',
	],
	[/[-_ ]nc([-_ ]|$)|non[-_ ]?commercial/i, 'the licence forbids commercial use'],
	[/^proprietary$/i, 'a proprietary licence rarely allows it'],
];

/** Why the licence forbids learning from the teacher, or undefined. An unknown licence is not judged. */
export function forbids(licence: string): string | undefined {
	return FORBIDDING.find(([pattern]) => pattern.test(licence.trim()))?.[1];
}
