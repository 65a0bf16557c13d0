// The clients that npm has, against the gateway on a port of its own with real llama.cpp servers behind it: docs/guides/clients.md.
import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import {
	embedMany,
	generateText,
	jsonSchema,
	Output,
	stepCountIs,
	streamText,
	tool,
	type EmbeddingModel,
	type LanguageModel,
} from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
	QUESTION,
	testClient,
	WEATHER,
	type CallResults,
	type ClientCalls,
} from '../../support/clients/conformance';
import { MODELS, startClientGateway, type ClientGateway } from '../../support/clients/gateway';
import { describeLlama } from '../../support/llamaServer';

const TEXTS = ['one text', 'another'];
const NOBODY = 'nobody-has-this';
const messages = [{ role: 'user' as const, content: QUESTION }];
const parameters = {
	type: 'object' as const,
	properties: { city: { type: 'string' as const } },
	required: ['city'],
	additionalProperties: false,
};
const schema = {
	type: 'object' as const,
	properties: { ok: { type: 'boolean' as const } },
	required: ['ok'],
	additionalProperties: false,
};
const verdict = z.object({ ok: z.boolean() });

/** The error with which the client's own promise is rejected. */
async function failure(call: PromiseLike<unknown>): Promise<CallResults['errors']> {
	const thrown: unknown = await Promise.resolve(call).then(
		() => new Error('it did not fail'),
		(error: unknown) => error,
	);
	if (!(thrown instanceof Error)) throw new Error('what was thrown is no error');
	const status: unknown = Reflect.get(thrown, 'status') ?? Reflect.get(thrown, 'statusCode');
	return { status, message: thrown.message };
}

describeLlama('clients of npm', () => {
	let gateway: ClientGateway;
	beforeAll(async () => {
		Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false);
		gateway = await startClientGateway();
	});
	afterAll(async () => await gateway.close());

	const openai = () => new OpenAI({ apiKey: gateway.key, baseURL: gateway.url, maxRetries: 0 });

	testClient('openaiNode', () => gateway, {
		chat: async () => {
			const { choices } = await openai().chat.completions.create({ model: MODELS.text, messages });
			return choices[0]?.message.content ?? '';
		},
		stream: async () => {
			const pieces: string[] = [];
			for await (const { choices } of await openai().chat.completions.create({
				model: MODELS.text,
				messages,
				stream: true,
			}))
				pieces.push(choices[0]?.delta.content ?? '');
			return pieces;
		},
		tools: async () => {
			let city: unknown;
			const run = openai().chat.completions.runTools({
				model: MODELS.tools,
				messages,
				stream: true,
				tools: [
					{
						type: 'function',
						function: {
							name: 'get_weather',
							description: 'Weather of a city',
							parameters,
							parse: JSON.parse,
							function: async (args: { city: string }) => {
								({ city } = args);
								return WEATHER;
							},
						},
					},
				],
			});
			const answer = await run.finalContent();
			return { city, answer: answer ?? '' };
		},
		schema: async () => {
			const { choices } = await openai().chat.completions.parse({
				model: MODELS.text,
				messages,
				response_format: zodResponseFormat(verdict, 'verdict'),
			});
			return choices[0]?.message.parsed;
		},
		embeddings: async () => {
			const { data } = await openai().embeddings.create({ model: MODELS.embedding, input: TEXTS });
			return data.map(({ embedding }) => embedding);
		},
		errors: async () => await failure(openai().chat.completions.create({ model: NOBODY, messages })),
		abort: async () => {
			const stream = await openai().chat.completions.create({
				model: MODELS.endless,
				messages,
				stream: true,
			});
			for await (const _ of stream) break;
		},
	});

	testClient('openaiNodeResponses', () => gateway, {
		chat: async () => (await openai().responses.create({ model: MODELS.text, input: QUESTION })).output_text,
		stream: async () => {
			const pieces: string[] = [];
			for await (const event of openai().responses.stream({ model: MODELS.text, input: QUESTION }))
				if (event.type === 'response.output_text.delta') pieces.push(event.delta);
			return pieces;
		},
		tools: async () => {
			const tools = [{ type: 'function' as const, name: 'get_weather', parameters, strict: true }];
			const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: QUESTION }];
			const first = await openai().responses.create({ model: MODELS.tools, input, tools });
			const call = first.output.find((item) => item.type === 'function_call');
			const turn = first.output as OpenAI.Responses.ResponseInputItem[];
			input.push(...turn, {
				type: 'function_call_output',
				call_id: call?.call_id ?? '',
				output: WEATHER,
			});
			const second = await openai().responses.create({ model: MODELS.tools, input, tools });
			return { city: JSON.parse(call?.arguments ?? '{}').city, answer: second.output_text };
		},
		schema: async () => {
			const answer = await openai().responses.parse({
				model: MODELS.text,
				input: QUESTION,
				text: { format: zodTextFormat(verdict, 'verdict') },
			});
			return answer.output_parsed;
		},
		errors: async () => await failure(openai().responses.create({ model: NOBODY, input: QUESTION })),
		abort: async () => {
			const stream = await openai().responses.create({
				model: MODELS.endless,
				input: QUESTION,
				stream: true,
			});
			for await (const event of stream) if (event.type === 'response.output_text.delta') break;
		},
	});

	const anthropic = () => new Anthropic({ apiKey: gateway.key, baseURL: gateway.origin, maxRetries: 0 });

	testClient('anthropicNode', () => gateway, {
		chat: async () => {
			const answer = await anthropic().messages.create({ model: MODELS.text, max_tokens: 100, messages });
			return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
		},
		stream: async () => {
			const pieces: string[] = [];
			const stream = anthropic().messages.stream({ model: MODELS.text, max_tokens: 100, messages });
			stream.on('text', (piece) => pieces.push(piece));
			await stream.finalMessage();
			return pieces;
		},
		tools: async () => {
			const ask = { model: MODELS.tools, max_tokens: 100 };
			const tools = [{ name: 'get_weather', input_schema: parameters }];
			const first = await anthropic().messages.create({ ...ask, messages, tools });
			const call = first.content.find((block) => block.type === 'tool_use');
			const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: WEATHER };
			const second = await anthropic().messages.create({
				...ask,
				tools,
				messages: [
					...messages,
					{ role: 'assistant', content: first.content },
					{ role: 'user', content: [result] },
				],
			});
			const [said] = second.content;
			return {
				city: Reflect.get(Object(call?.input), 'city'),
				answer: said?.type === 'text' ? said.text : '',
			};
		},
		schema: async () => {
			const answer = await anthropic().messages.create({
				model: MODELS.text,
				max_tokens: 100,
				messages,
				output_config: { format: { type: 'json_schema', schema } },
			});
			const [said] = answer.content;
			return JSON.parse(said?.type === 'text' ? said.text : '');
		},
		errors: async () =>
			await failure(anthropic().messages.create({ model: NOBODY, max_tokens: 9, messages })),
		abort: async () => {
			const stream = await anthropic().messages.create({
				model: MODELS.endless,
				max_tokens: 100_000,
				messages,
				stream: true,
			});
			for await (const event of stream) if (event.type === 'content_block_delta') break;
		},
	});

	const langchain = (useResponsesApi: boolean): ClientCalls => {
		const model = (name: string) =>
			new ChatOpenAI({
				apiKey: gateway.key,
				model: name,
				useResponsesApi,
				maxRetries: 0,
				configuration: { baseURL: gateway.url },
			});
		return {
			chat: async () => (await model(MODELS.text).invoke(QUESTION)).text,
			stream: async () => {
				const pieces: string[] = [];
				for await (const chunk of await model(MODELS.text).stream(QUESTION)) pieces.push(chunk.text);
				return pieces;
			},
			tools: async () => {
				const getWeather = langchainTool(async () => WEATHER, {
					name: 'get_weather',
					schema: z.object({ city: z.string() }),
				});
				const bound = model(MODELS.tools).bindTools([getWeather]);
				const question = new HumanMessage(QUESTION);
				const first = await bound.invoke([question]);
				const [call] = first.tool_calls ?? [];
				if (call === undefined) throw new Error('no tool was called');
				const heard = await getWeather.invoke({ ...call, type: 'tool_call' });
				const second = await bound.invoke([question, first, heard]);
				return { city: call.args.city, answer: second.text };
			},
			schema: async () =>
				await model(MODELS.text).withStructuredOutput(verdict, { name: 'verdict' }).invoke(QUESTION),
			errors: async () => await failure(model(NOBODY).invoke(QUESTION)),
			abort: async () => {
				for await (const _ of await model(MODELS.endless).stream(QUESTION)) break;
			},
		};
	};
	testClient('langchainJs', () => gateway, {
		...langchain(false),
		embeddings: async () =>
			await new OpenAIEmbeddings({
				apiKey: gateway.key,
				model: MODELS.embedding,
				configuration: { baseURL: gateway.url },
			}).embedDocuments(TEXTS),
	});
	testClient('langchainJsResponses', () => gateway, langchain(true));

	const aiSdk = (
		model: (name: string) => LanguageModel,
		embedding?: (name: string) => EmbeddingModel,
		shaped: string = MODELS.text,
	): ClientCalls => ({
		chat: async () => (await generateText({ model: model(MODELS.text), prompt: QUESTION })).text,
		stream: async () => {
			const pieces: string[] = [];
			for await (const piece of streamText({ model: model(MODELS.text), prompt: QUESTION }).textStream)
				pieces.push(piece);
			return pieces;
		},
		tools: async () => {
			let city: unknown;
			const { text } = await generateText({
				model: model(MODELS.tools),
				prompt: QUESTION,
				stopWhen: stepCountIs(3),
				tools: {
					get_weather: tool({
						inputSchema: jsonSchema<{ city: string }>(parameters),
						execute: async (args) => {
							({ city } = args);
							return WEATHER;
						},
					}),
				},
			});
			return { city, answer: text };
		},
		schema: async () =>
			(
				await generateText({
					model: model(shaped),
					prompt: QUESTION,
					output: Output.object({ schema: jsonSchema<{ ok: boolean }>(schema) }),
				})
			).output,
		...(embedding && {
			embeddings: async () =>
				(await embedMany({ model: embedding(MODELS.embedding), values: TEXTS })).embeddings,
		}),
		errors: async () =>
			await failure(generateText({ model: model(NOBODY), prompt: QUESTION, maxRetries: 0 })),
		abort: async () => {
			const stop = new AbortController();
			const { textStream } = streamText({
				model: model(MODELS.endless),
				prompt: QUESTION,
				abortSignal: stop.signal,
			});
			for await (const _ of textStream) stop.abort();
		},
	});
	const settings = () => ({ apiKey: gateway.key, baseURL: gateway.url });
	const compatible = () =>
		createOpenAICompatible({ name: 'gateway', supportsStructuredOutputs: true, ...settings() });
	testClient(
		'aiSdkCompatible',
		() => gateway,
		aiSdk(
			(name) => compatible()(name),
			(name) => compatible().embeddingModel(name),
		),
	);
	testClient(
		'aiSdkOpenai',
		() => gateway,
		aiSdk(
			(name) => createOpenAI(settings())(name),
			(name) => createOpenAI(settings()).embedding(name),
		),
	);
	testClient(
		'aiSdkAnthropic',
		() => gateway,
		// It asks for JSON by a tool that must be called, which the small model of words cannot do.
		aiSdk((name) => createAnthropic(settings())(name), undefined, MODELS.tools),
	);
});
