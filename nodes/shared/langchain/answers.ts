// Answers of lib/engine as LangChain's messages: whole, or in pieces that add up to the same.
import { randomUUID } from 'node:crypto';
import { AIMessage, AIMessageChunk, type UsageMetadata } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult as Generations } from '@langchain/core/outputs';
import {
	type Attempt,
	type ChatEvent,
	type ChatResult,
	EngineError,
	type FinishReason,
	type Usage,
} from '../../../lib/engine';

const FINISH: { readonly [reason in FinishReason]: string } = {
	stop: 'stop',
	length: 'length',
	toolCalls: 'tool_calls',
	filtered: 'content_filter',
};

type Ending = Pick<ChatResult, 'engine' | 'model' | 'attempts' | 'finishReason' | 'usage' | 'timings'>;

/** Where the answer comes from; kept with the message, so that failover is visible. */
const metadataOf = ({ engine, model, attempts, finishReason, usage, timings }: Ending) => ({
	model_provider: 'local-engine',
	model,
	engine,
	finish_reason: FINISH[finishReason],
	attempts: attempts.map((attempt) => ({ ...attempt })),
	timings: { ...timings },
	...(usage.estimated && { estimated_usage: { output_tokens: usage.completionTokens } }),
});

/** Only what the engine counted: a guess would be added to bills. */
function usageOf(usage: Usage): { usage_metadata?: UsageMetadata } {
	if (usage.estimated) return {};
	const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage;
	return {
		usage_metadata: {
			input_tokens: promptTokens,
			output_tokens: completionTokens,
			total_tokens: promptTokens + completionTokens,
			...(cachedTokens !== undefined && { input_token_details: { cache_read: cachedTokens } }),
			...(reasoningTokens !== undefined && { output_token_details: { reasoning: reasoningTokens } }),
		},
	};
}

/**
 * Engines that give their calls no ids (Ollama) or count them anew in each answer lead n8n's agent to take the second
 * turn's call for the first one's: such ids are made unique.
 */
const uniqueId = (id: string): string =>
	id === '' || /^call_\d+$/.test(id) ? `call_${randomUUID().slice(0, 8)}` : id;

/** An agent must not act on arguments that were cut off or broken. */
function brokenCall(details: Ending, reasons: readonly string[]): EngineError {
	const { engine, model, attempts, finishReason } = details;
	const advice =
		finishReason === 'length'
			? 'The answer reached its limit of tokens: raise Maximum Tokens.'
			: 'Try a larger model, a lower temperature, or fewer tools.';
	return new EngineError(
		'badAnswer',
		`"${model}" on ${engine} called a tool in a way that cannot be read. ${advice}`,
		{
			engine,
			model,
			attempts,
			engineMessage: reasons.join('; '),
		},
	);
}

/** A collected answer. @throws EngineError `badAnswer` when a tool call cannot be read */
export function toGenerations(result: ChatResult): Generations {
	const { text, reasoning, toolCalls, usage } = result;
	const broken = toolCalls.filter(({ invalid }) => invalid !== undefined);
	if (broken.length > 0) {
		throw brokenCall(
			result,
			broken.map(({ name, invalid }) => `${name}: ${invalid ?? ''}`),
		);
	}
	const metadata = metadataOf(result);
	const message = new AIMessage({
		content: text,
		tool_calls: toolCalls.map((call) => ({
			type: 'tool_call',
			id: uniqueId(call.id),
			name: call.name,
			args: JSON.parse(call.arguments) as Record<string, unknown>,
		})),
		// n8n's agent carries this field from one tool turn to the next.
		additional_kwargs: reasoning === '' ? {} : { reasoning_content: reasoning },
		response_metadata: metadata,
		...usageOf(usage),
	});
	const { promptTokens, completionTokens } = usage;
	return {
		generations: [{ text, message, generationInfo: { finish_reason: metadata.finish_reason } }],
		...(!usage.estimated && {
			llmOutput: {
				tokenUsage: { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens },
			},
		}),
	};
}

/** Turns the events of one streamed answer into chunks; what is told once is told with the last. */
export class ChunkWriter {
	private engine = '';
	private model = '';
	private attempts: readonly Attempt[] = [];
	/** Ids of the tool calls that have begun. */
	private readonly calls = new Map<number, string>();

	/** @throws EngineError `badAnswer` at the end, when a tool call cannot be read */
	write(event: ChatEvent): ChatGenerationChunk | undefined {
		switch (event.type) {
			case 'start':
				({ engine: this.engine, model: this.model, attempts: this.attempts } = event);
				return undefined;
			case 'text':
				return new ChatGenerationChunk({
					text: event.text,
					message: new AIMessageChunk({ content: event.text }),
				});
			case 'reasoning':
				return new ChatGenerationChunk({
					text: '',
					message: new AIMessageChunk({
						content: '',
						additional_kwargs: { reasoning_content: event.text },
					}),
				});
			case 'toolCall':
				return this.toolCall(event);
			case 'end':
				return this.end(event);
		}
	}

	/** Id and name come with the first piece only, as LangChain adds up what repeats. */
	private toolCall({
		index,
		id,
		name,
		argumentsDelta: args,
	}: ChatEvent & { type: 'toolCall' }): ChatGenerationChunk {
		const first = !this.calls.has(index);
		if (first) this.calls.set(index, uniqueId(id));
		const named = first ? { id: this.calls.get(index), name } : {};
		return new ChatGenerationChunk({
			text: '',
			message: new AIMessageChunk({
				content: '',
				tool_call_chunks: [{ type: 'tool_call_chunk', index, args, ...named }],
			}),
		});
	}

	private end(event: ChatEvent & { type: 'end' }): ChatGenerationChunk {
		const { engine, model, attempts } = this;
		const ending = { engine, model, attempts, ...event };
		if (this.calls.size > 0 && event.warnings?.length) throw brokenCall(ending, event.warnings);
		const metadata = metadataOf(ending);
		return new ChatGenerationChunk({
			text: '',
			message: new AIMessageChunk({ content: '', response_metadata: metadata, ...usageOf(event.usage) }),
			generationInfo: { finish_reason: metadata.finish_reason },
		});
	}
}
