// What the chat model shows in n8n's run panel and tells n8n's event log: the same fields as n8n's own models.
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { Serialized } from '@langchain/core/load/serializable';
import { AIMessage } from '@langchain/core/messages';
import type { LLMResult } from '@langchain/core/outputs';
import {
	type IDataObject,
	type ISupplyDataFunctions,
	jsonStringify,
	NodeConnectionTypes,
	NodeError,
	NodeOperationError,
} from 'n8n-workflow';

type Panel = Pick<ISupplyDataFunctions, 'addInputData' | 'addOutputData' | 'getNode' | 'logAiEvent'>;

/**
 * n8n's own handler counts tokens itself, prompt and answer, before and after every call; here the engine's figures are shown.
 * Beside the text there is what n8n's leaves out: tool calls, reasoning, which engine answered, and what failed before it did.
 */
export class ChatPanel extends BaseCallbackHandler {
	override name = 'LocalEngineChatPanel';
	/** The entry must be there before the node's output is. */
	override awaitHandlers = true;
	private readonly runs = new Map<string, { readonly index: number; readonly messages: string[] }>();

	constructor(private readonly context: Panel) {
		super();
	}

	override handleLLMStart(
		_model: Serialized,
		messages: string[],
		runId: string,
		_parentRunId?: string,
		extra?: Record<string, unknown>,
	): void {
		const options = (extra?.invocation_params ?? {}) as IDataObject;
		const { index } = this.context.addInputData(NodeConnectionTypes.AiLanguageModel, [
			[{ json: { messages, options } }],
		]);
		this.runs.set(runId, { index, messages });
	}

	override handleLLMEnd(output: LLMResult, runId: string): void {
		const { index, messages } = this.take(runId);
		const json = shownOf(output);
		this.context.addOutputData(NodeConnectionTypes.AiLanguageModel, index, [[{ json }]]);
		this.context.logAiEvent('ai-llm-generated-output', jsonStringify({ messages, response: json }));
	}

	override handleLLMError(error: Error, runId: string, parentRunId?: string): void {
		const { index } = this.take(runId);
		const shown =
			error instanceof NodeError
				? error
				: new NodeOperationError(this.context.getNode(), error, { functionality: 'configuration-node' });
		this.context.addOutputData(NodeConnectionTypes.AiLanguageModel, index, shown);
		this.context.logAiEvent(
			'ai-llm-errored',
			jsonStringify({ error: { message: shown.message }, runId, parentRunId }),
		);
	}

	private take(runId: string) {
		const run = this.runs.get(runId) ?? { index: 0, messages: [] };
		this.runs.delete(runId);
		return run;
	}
}

/** The answer as the panel shows it. `tokenUsage` is what n8n adds up; `tokenUsageEstimate` where the engine did not count. */
function shownOf({ generations }: LLMResult): IDataObject {
	const [generation] = generations[0] ?? [];
	const message =
		generation !== undefined && 'message' in generation && AIMessage.isInstance(generation.message)
			? generation.message
			: undefined;
	const { usage_metadata: usage, tool_calls: calls = [], additional_kwargs = {} } = message ?? {};
	const { engine, model, attempts, timings, finish_reason, estimated_usage } =
		message?.response_metadata ?? {};
	return {
		response: {
			generations: [[{ text: generation?.text ?? '', generationInfo: { finish_reason } as IDataObject }]],
		},
		...(calls.length > 0 && { toolCalls: calls.map(({ name, args }) => ({ name, args })) }),
		...(additional_kwargs.reasoning_content !== undefined && {
			reasoning: additional_kwargs.reasoning_content as string,
		}),
		...tokensOf(usage, estimated_usage),
		...({ engine, model, attempts, timings } as IDataObject),
	};
}

function tokensOf(usage: AIMessage['usage_metadata'], estimated: unknown): IDataObject {
	if (usage) {
		return {
			tokenUsage: {
				promptTokens: usage.input_tokens,
				completionTokens: usage.output_tokens,
				totalTokens: usage.total_tokens,
				...(usage.input_token_details?.cache_read !== undefined && {
					cachedTokens: usage.input_token_details.cache_read,
				}),
				...(usage.output_token_details?.reasoning !== undefined && {
					reasoningTokens: usage.output_token_details.reasoning,
				}),
			},
		};
	}
	if (typeof estimated !== 'object' || estimated === null || !('output_tokens' in estimated)) return {};
	const completionTokens = Number(estimated.output_tokens);
	return { tokenUsageEstimate: { promptTokens: 0, completionTokens, totalTokens: completionTokens } };
}
