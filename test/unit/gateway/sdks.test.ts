// The official clients against the gateway: what they send is understood, and what comes back is what they read.
import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { EngineError, type ChatEvent, type ChatRequest, type ChatResult } from '../../../lib/engine';
import { attempts, closeAll, hello, key, result, type Running, scripted, start } from './support/gateway';

afterEach(closeAll);
beforeAll(() => Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false));

const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 1 };
const timings = { queueMs: 0, firstTokenMs: 1, totalMs: 5 };
const weather = { id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' };
const parameters = {
	type: 'object' as const,
	properties: { city: { type: 'string' as const } },
	required: ['city'],
};
const schema = {
	type: 'object',
	properties: { ok: { type: 'boolean' } },
	required: ['ok'],
	additionalProperties: false,
};

/** An engine that calls the tool once, then says what it has heard; a schema gets what fits it. */
function engines() {
	const asked: ChatRequest[] = [];
	const answerOf = (request: ChatRequest): ChatResult => {
		asked.push(request);
		// How the AI SDK asks Anthropic's models for JSON.
		if (request.tools?.some(({ name }) => name === 'json') === true) {
			const call = { id: 'call_2', name: 'json', arguments: '{"ok":true}' };
			return { ...result, text: '', toolCalls: [call], finishReason: 'toolCalls' };
		}
		const heard = request.messages.find(({ role }) => role === 'tool');
		if (request.tools !== undefined && heard === undefined)
			return { ...result, text: '', toolCalls: [weather], finishReason: 'toolCalls' };
		if (heard?.role === 'tool') return { ...result, text: `It is ${heard.content}.` };
		if (request.responseFormat !== undefined) return { ...result, text: '{"ok":true}' };
		return result;
	};
	return Object.assign(
		scripted({
			complete: async (request) => answerOf(request),
			async *chat(request): AsyncGenerator<ChatEvent> {
				const { text, reasoning, toolCalls, finishReason } = answerOf(request);
				yield { type: 'start', engine: 'one', model: 'm', attempts };
				if (reasoning !== '') yield { type: 'reasoning', text: reasoning };
				for (const piece of text.match(/.{1,4}/gs) ?? []) yield { type: 'text', text: piece };
				for (const [index, { arguments: args, ...call }] of toolCalls.entries()) {
					yield { type: 'toolCall', index, ...call, argumentsDelta: args.slice(0, 5) };
					yield { type: 'toolCall', index, ...call, argumentsDelta: args.slice(5) };
				}
				yield { type: 'end', finishReason, usage, timings };
			},
		}),
		{ asked },
	);
}

let gateway: Running;
let asked: ChatRequest[];
beforeEach(async () => {
	const behind = engines();
	({ asked } = behind);
	gateway = await start({ engines: behind });
});

describe('the openai client: responses', () => {
	const client = () => new OpenAI({ apiKey: key, baseURL: gateway.url, maxRetries: 0 });

	it('gets an answer with its thinking and usage', async () => {
		const answer = await client().responses.create({ model: 'm', instructions: 'Be brief.', input: 'Hi' });
		expect(answer).toMatchObject({ object: 'response', status: 'completed', model: 'm', store: false });
		expect(answer.output_text).toBe('Hello "wörld"\n');
		expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
		expect(answer.usage).toMatchObject({ input_tokens: 3, output_tokens: 2, total_tokens: 5 });
		expect(asked[0]?.messages).toEqual([
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: 'Hi' },
		]);
	});

	it('streams events that its own helper puts together to the same answer', async () => {
		const stream = client().responses.stream({ model: 'm', input: 'Hi' });
		const types = new Set<string>();
		let text = '';
		for await (const event of stream) {
			types.add(event.type);
			if (event.type === 'response.output_text.delta') text += event.delta;
		}
		expect(text).toBe('Hello "wörld"\n');
		expect((await stream.finalResponse()).output_text).toBe('Hello "wörld"\n');
		expect([...types]).toEqual([
			'response.created',
			'response.in_progress',
			'response.output_item.added',
			'response.content_part.added',
			'response.reasoning_text.delta',
			'response.reasoning_text.done',
			'response.content_part.done',
			'response.output_item.done',
			'response.output_text.delta',
			'response.output_text.done',
			'response.completed',
		]);
	});

	it('calls a tool, streamed, and sends the whole conversation with the result', async () => {
		const tools = [{ type: 'function' as const, name: 'get_weather', parameters, strict: true }];
		const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }];
		const first = await client().responses.stream({ model: 'm', input, tools }).finalResponse();
		const call = first.output.find((item) => item.type === 'function_call');
		expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Paris"}', call_id: 'call_1' });
		// The types of what comes and of what goes differ in the status of a computer's tool alone.
		const turn = first.output as OpenAI.Responses.ResponseInputItem[];
		input.push(...turn, { type: 'function_call_output', call_id: 'call_1', output: 'sunny' });
		const second = await client().responses.create({ model: 'm', input, tools });
		expect(second.output_text).toBe('It is sunny.');
		expect(asked.at(-1)?.messages).toEqual([
			{ role: 'user', content: 'Weather?' },
			{ role: 'assistant', content: '', reasoning: 'hm', toolCalls: [weather] },
			{ role: 'tool', toolCallId: 'call_1', content: 'sunny' },
		]);
	});

	it('gets an answer that keeps to a schema', async () => {
		const answer = await client().responses.parse({
			model: 'm',
			input: 'Is it?',
			text: { format: zodTextFormat(z.object({ ok: z.boolean() }), 'answer') },
		});
		expect(answer.output_parsed).toEqual({ ok: true });
		expect(asked[0]?.responseFormat).toMatchObject({ type: 'jsonSchema', name: 'answer' });
	});

	it('is told that responses are not kept, and which tools are not offered', async () => {
		await expect(
			client().responses.create({ model: 'm', input: 'Hi', previous_response_id: 'resp_1' }),
		).rejects.toMatchObject({
			status: 400,
			param: 'previous_response_id',
			message: expect.stringMatching(/whole conversation/),
		});
		const other = { type: 'item_reference' as const, id: 'msg_of_somebody_else' };
		await expect(client().responses.create({ model: 'm', input: [other] })).rejects.toMatchObject({
			status: 400,
			param: 'input.0',
		});
		await expect(client().responses.retrieve('resp_1')).rejects.toMatchObject({ status: 404 });
		const { response } = await client()
			.responses.create({ model: 'm', input: 'Hi', tools: [{ type: 'web_search' }] })
			.withResponse();
		expect(response.headers.get('x-gateway-ignored')).toBe('tools.web_search');
	});

	it('throws when an answer breaks off in its stream', async () => {
		await closeAll();
		async function* chat(): AsyncGenerator<ChatEvent> {
			yield* hello.slice(0, 3);
			throw new EngineError('interrupted', 'one broke off in the middle of its answer.');
		}
		gateway = await start({ engines: scripted({ chat }) });
		const read = async () => {
			for await (const _ of await client().responses.create({ model: 'm', input: 'Hi', stream: true }));
		};
		await expect(read()).rejects.toThrow(/broke off/);
	});
});

describe('the openai client: completions and the list', () => {
	it('completes a prompt, whole and streamed', async () => {
		const client = new OpenAI({ apiKey: key, baseURL: gateway.url });
		const whole = await client.completions.create({ model: 'm', prompt: 'Once', max_tokens: 5 });
		expect(whole.choices[0]).toMatchObject({ text: 'Hello "wörld"\n', finish_reason: 'stop' });
		let text = '';
		for await (const chunk of await client.completions.create({ model: 'm', prompt: 'Once', stream: true }))
			text += chunk.choices[0]?.text ?? '';
		expect(text).toBe('Hello "wörld"\n');
		expect(asked.map(({ maxTokens }) => maxTokens)).toEqual([5, 16]);
	});

	it('lists the models, and finds one', async () => {
		const client = new OpenAI({ apiKey: key, baseURL: gateway.url });
		const ids = [];
		for await (const { id } of client.models.list()) ids.push(id);
		expect(ids).toEqual(['qwen3:8b']);
		expect(await client.models.retrieve('qwen3:8b')).toMatchObject({ object: 'model' });
	});
});

describe('the Anthropic client', () => {
	const client = () =>
		new Anthropic({ apiKey: key, baseURL: gateway.url.replace(/\/v1$/, ''), maxRetries: 0 });
	const ask = { model: 'm', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hi' }] };
	const tools = [{ name: 'get_weather', input_schema: parameters }];

	it('gets an answer with its thinking and usage', async () => {
		const answer = await client().messages.create({
			...ask,
			system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
			thinking: { type: 'enabled', budget_tokens: 1024 },
		});
		expect(answer).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn', model: 'm' });
		expect(answer.content).toEqual([
			{ type: 'thinking', thinking: 'hm', signature: '' },
			{ type: 'text', text: 'Hello "wörld"\n' },
		]);
		expect(answer.usage).toMatchObject({ input_tokens: 2, cache_read_input_tokens: 1, output_tokens: 2 });
		expect(asked[0]).toMatchObject({
			messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
			reasoning: 'on',
			reasoningIsWish: true,
			maxTokens: 50,
		});
	});

	it('streams the same', async () => {
		const stream = client().messages.stream(ask);
		let text = '';
		stream.on('text', (piece) => (text += piece));
		const answer = await stream.finalMessage();
		expect(text).toBe('Hello "wörld"\n');
		expect(answer.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
		expect(answer.usage.output_tokens).toBe(2);
	});

	it('calls a tool, streamed, and hands back its result', async () => {
		const first = await client()
			.messages.stream({ ...ask, tools, tool_choice: { type: 'any' } })
			.finalMessage();
		expect(first.stop_reason).toBe('tool_use');
		expect(first.content.at(-1)).toEqual({
			type: 'tool_use',
			id: 'call_1',
			name: 'get_weather',
			input: { city: 'Paris' },
		});
		expect(asked[0]?.toolChoice).toBe('required');
		const second = await client().messages.create({
			...ask,
			tools,
			messages: [
				...ask.messages,
				{ role: 'assistant', content: first.content },
				{
					role: 'user',
					content: [
						{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
					],
				},
			],
		});
		expect(second.content.at(-1)).toEqual({ type: 'text', text: 'It is sunny.' });
		expect(asked.at(-1)?.messages.at(-2)).toMatchObject({ role: 'assistant', toolCalls: [weather] });
	});

	it('counts tokens, lists models, and is told errors in its own shape', async () => {
		expect(await client().messages.countTokens({ model: 'm', messages: ask.messages })).toEqual({
			input_tokens: 42,
		});
		const ids = [];
		for await (const { id } of client().models.list()) ids.push(id);
		expect(ids).toEqual(['qwen3:8b']);
		await expect(
			new Anthropic({ apiKey: 'wrong', baseURL: gateway.url.replace(/\/v1$/, '') }).messages.create(ask),
		).rejects.toThrow(Anthropic.AuthenticationError);
		await expect(client().messages.create({ ...ask, max_tokens: 0 })).rejects.toMatchObject({
			status: 400,
			error: { type: 'error', error: { type: 'invalid_request_error' } },
		});
	});
});

describe('the AI SDK of Vercel', () => {
	const models = () => ({
		responses: createOpenAI({ apiKey: key, baseURL: gateway.url })('m'),
		chat: createOpenAI({ apiKey: key, baseURL: gateway.url }).chat('m'),
		messages: createAnthropic({ apiKey: key, baseURL: gateway.url })('m'),
	});

	it.each(['responses', 'chat', 'messages'] as const)(
		'answers, streams, calls tools and keeps to schemas by %s',
		async (api) => {
			const model = models()[api];
			expect((await generateText({ model, prompt: 'Hi' })).text).toBe('Hello "wörld"\n');
			let text = '';
			for await (const piece of streamText({ model, prompt: 'Hi' }).textStream) text += piece;
			expect(text).toBe('Hello "wörld"\n');
			const withTool = await generateText({
				model,
				prompt: 'Weather?',
				stopWhen: stepCountIs(3),
				tools: {
					get_weather: tool({
						inputSchema: jsonSchema<{ city: string }>(parameters),
						execute: async () => 'sunny',
					}),
				},
			});
			expect(withTool.text).toBe('It is sunny.');
			const shaped = await generateText({
				model,
				prompt: 'Is it?',
				output: Output.object({ schema: jsonSchema(schema as object) }),
			});
			expect(shaped.output).toEqual({ ok: true });
		},
	);
});

describe('LangChain', () => {
	it.each([true, false])('answers, streams and calls tools (Responses API: %s)', async (useResponsesApi) => {
		const model = new ChatOpenAI({
			apiKey: key,
			model: 'm',
			useResponsesApi,
			configuration: { baseURL: gateway.url },
		});
		expect((await model.invoke('Hi')).text).toBe('Hello "wörld"\n');
		let text = '';
		for await (const chunk of await model.stream('Hi')) text += chunk.text;
		expect(text).toBe('Hello "wörld"\n');
		const getWeather = langchainTool(async () => 'sunny', {
			name: 'get_weather',
			schema: z.object({ city: z.string() }),
		});
		const bound = model.bindTools([getWeather]);
		const question = new HumanMessage('Weather?');
		const first = await bound.invoke([question]);
		expect(first.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
		const [call] = first.tool_calls ?? [];
		if (call === undefined) throw new Error('no tool was called');
		const heard = await getWeather.invoke({ ...call, type: 'tool_call' });
		expect((await bound.invoke([question, first, heard])).text).toBe('It is sunny.');
	});
});
