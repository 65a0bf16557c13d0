// The chat model that n8n's agents and chains are given. LangChain is n8n's own copy (an agent looks for its classes), so this
// file is loaded by the node when it supplies a model, never before.
import type {
	BaseLanguageModelInput,
	StructuredOutputMethodOptions,
} from '@langchain/core/language_models/base';
import {
	BaseChatModel,
	type BaseChatModelParams,
	type BindToolsInput,
	type LangSmithParams,
} from '@langchain/core/language_models/chat_models';
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { AIMessageChunk, BaseMessage, MessageContent } from '@langchain/core/messages';
import type { ChatGenerationChunk, ChatResult as Generations } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import type { CallOptions, ChatRequest, Engines } from '../../../lib/engine';
import { estimateTokens } from '../../../lib/support';
import { ChunkWriter, toGenerations } from './answers';
import type { ChatModelCallOptions } from './callOptions';
import { toChatMessages } from './messages';
import { type OutputSchema, structuredOutput } from './structuredOutput';
import { toResponseFormat, toToolChoice, toToolDefinition, toWireTool } from './tools';

export interface ChatModelFields extends BaseChatModelParams {
	readonly engines: Pick<Engines, 'chat' | 'complete'>;
	/** What every request is to say besides its messages. */
	readonly request?: Omit<ChatRequest, 'messages'>;
	/** Deadlines, permissions, and the signal of the execution, which ends every call. */
	readonly call?: CallOptions;
	/** Turns what the engines throw into the host's errors. */
	readonly toError?: (thrown: unknown) => Error;
}

/**
 * A LangChain chat model over an engine pool: streaming, tools, structured output by constrained decoding, reasoning kept in
 * `additional_kwargs.reasoning_content` and sent back with the history, token usage, failover (told in `response_metadata`).
 */
export class LocalEngineChatModel extends BaseChatModel<ChatModelCallOptions> {
	private readonly engines: ChatModelFields['engines'];
	private readonly request: NonNullable<ChatModelFields['request']>;
	private readonly call: CallOptions;
	private readonly toError: (thrown: unknown) => Error;

	static override lc_name(): string {
		return 'LocalEngineChatModel';
	}

	constructor({ engines, request = {}, call = {}, toError = asError, ...params }: ChatModelFields) {
		// LangChain serialises what it is given for tracing: the engines, with their keys, are kept from it.
		super(params);
		this.engines = engines;
		this.request = request;
		this.call = call;
		this.toError = toError;
	}

	override _llmType(): string {
		return 'local-engine';
	}

	/** Tells cached answers of different settings apart. */
	override _identifyingParams(): Record<string, unknown> {
		return { ...this.request };
	}

	override getLsParams(options: this['ParsedCallOptions']): LangSmithParams {
		const { model, temperature, maxTokens } = this.request;
		return {
			ls_provider: 'local-engine',
			ls_model_name: model ?? 'default',
			ls_model_type: 'chat',
			ls_temperature: temperature,
			ls_max_tokens: maxTokens,
			ls_stop: this.stopOf(options),
		};
	}

	/** What a run is shown with. */
	override invocationParams(options?: this['ParsedCallOptions']): Record<string, unknown> {
		const { tools, tool_choice, response_format } = options ?? {};
		return {
			...this.request,
			...(options?.stop && { stop: options.stop }),
			...(tools?.length && { tools: tools.map((tool) => toWireTool(toToolDefinition(tool))) }),
			...(tool_choice !== undefined && { tool_choice }),
			...(response_format && { response_format }),
		};
	}

	/**
	 * A quarter of the bytes, as everywhere in this pack where no model counts. LangChain's own count fetches OpenAI's table from
	 * the internet, for which the Summarization chain would wait minutes where there is none; reading a table of that size
	 * from disk would hold n8n up for a second.
	 */
	override async getNumTokens(content: MessageContent): Promise<number> {
		const text =
			typeof content === 'string'
				? content
				: content.map((part) => ('text' in part && typeof part.text === 'string' ? part.text : '')).join('');
		return estimateTokens(text);
	}

	override bindTools(
		tools: BindToolsInput[],
		options?: Partial<ChatModelCallOptions>,
	): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatModelCallOptions> {
		// Converted here already, so that a tool that cannot be called fails where it is bound.
		return this.withConfig({
			...options,
			tools: tools.map((tool) => toWireTool(toToolDefinition(tool))),
		});
	}

	override withStructuredOutput<RunOutput extends Record<string, unknown>>(
		schema: OutputSchema<RunOutput>,
		config?: StructuredOutputMethodOptions<false>,
	): Runnable<BaseLanguageModelInput, RunOutput>;
	override withStructuredOutput<RunOutput extends Record<string, unknown>>(
		schema: OutputSchema<RunOutput>,
		config?: StructuredOutputMethodOptions<true>,
	): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }>;
	override withStructuredOutput<RunOutput extends Record<string, unknown>>(
		schema: OutputSchema<RunOutput>,
		config?: StructuredOutputMethodOptions<boolean>,
	):
		| Runnable<BaseLanguageModelInput, RunOutput>
		| Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }> {
		return structuredOutput(this, schema, config);
	}

	/** A whole answer; one that breaks off is started again on another engine. */
	override async _generate(
		messages: BaseMessage[],
		options: this['ParsedCallOptions'],
	): Promise<Generations> {
		try {
			const result = await this.engines.complete(this.requestOf(messages, options), this.callOf(options));
			return toGenerations(result);
		} catch (thrown) {
			throw this.toError(thrown);
		}
	}

	/** The answer as it is written; another engine may take over until its first piece. */
	override async *_streamResponseChunks(
		messages: BaseMessage[],
		options: this['ParsedCallOptions'],
		runManager?: CallbackManagerForLLMRun,
	): AsyncGenerator<ChatGenerationChunk> {
		const writer = new ChunkWriter();
		try {
			const events = this.engines.chat(this.requestOf(messages, options), this.callOf(options));
			for await (const event of events) {
				const chunk = writer.write(event);
				if (chunk === undefined) continue;
				yield chunk;
				await runManager?.handleLLMNewToken(
					chunk.text,
					{ prompt: 0, completion: 0 },
					undefined,
					undefined,
					undefined,
					{ chunk },
				);
			}
		} catch (thrown) {
			throw this.toError(thrown);
		}
	}

	private requestOf(messages: BaseMessage[], options: this['ParsedCallOptions']): ChatRequest {
		const tools = options.tools?.map(toToolDefinition) ?? [];
		// Engines refuse a schema beside tools (llama.cpp), and an agent's steps are not in the form of its answer.
		const format = toResponseFormat(options.response_format) ?? this.request.responseFormat;
		return {
			...this.request,
			messages: toChatMessages(messages),
			stop: this.stopOf(options),
			tools,
			toolChoice: tools.length > 0 ? toToolChoice(options.tool_choice) : undefined,
			responseFormat: tools.length > 0 ? undefined : format,
		};
	}

	private stopOf(options: this['ParsedCallOptions']): string[] | undefined {
		return options.stop ?? (this.request.stop && [...this.request.stop]);
	}

	/** The caller's signal and the execution's: chains of n8n do not all hand theirs on. */
	private callOf({ signal }: this['ParsedCallOptions']): CallOptions {
		const signals = [signal, this.call.signal].filter((each) => each !== undefined);
		return { ...this.call, signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] };
	}
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
