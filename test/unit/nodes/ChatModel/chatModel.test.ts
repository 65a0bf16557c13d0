import type { AIMessageChunk } from '@langchain/core/messages';
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { EngineError } from '../../../../lib/engine';
import { toNodeError } from '../../../../nodes/shared/runtime/errors';
import { LocalEngineChatModel } from '../../../../nodes/shared/langchain/chatModel';
import { ScriptedEngines, type Script } from './scriptedEngines';

const modelOf = (...scripts: readonly (Script | Error)[]) => {
	const engines = new ScriptedEngines(scripts);
	return { engines, model: new LocalEngineChatModel({ engines }) };
};

/** Streams to the end and adds the chunks up. */
async function streamed(stream: AsyncIterable<AIMessageChunk>) {
	const chunks: AIMessageChunk[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	const [first, ...rest] = chunks;
	if (!first) throw new Error('nothing was streamed');
	return { chunks, whole: rest.reduce((sum, chunk) => sum.concat(chunk), first) };
}

const weather = tool(() => 'sunny', {
	name: 'get_weather',
	description: 'Weather of a city',
	schema: z.object({ city: z.string() }),
});

describe('an answer', () => {
	const script: Script = { text: 'It is sunny in Paris.', reasoning: 'The user asks for the weather.' };

	test.each(['invoke', 'stream'] as const)(
		'with %s: text, reasoning apart from it, usage, and where it comes from',
		async (how) => {
			const { model } = modelOf(script);
			const message =
				how === 'invoke' ? await model.invoke('Hi') : (await streamed(await model.stream('Hi'))).whole;
			expect(message.content).toBe(script.text);
			expect(message.additional_kwargs.reasoning_content).toBe(script.reasoning);
			expect(message.usage_metadata).toEqual({
				input_tokens: 7,
				output_tokens: 5,
				total_tokens: 12,
				input_token_details: { cache_read: 4 },
				output_token_details: { reasoning: 2 },
			});
			expect(message.response_metadata).toMatchObject({
				engine: 'second',
				model: 'm',
				finish_reason: 'stop',
				attempts: [
					{ engine: 'first', outcome: 'unreachable' },
					{ engine: 'second', outcome: 'ok' },
				],
				timings: { firstTokenMs: 1 },
			});
		},
	);

	test('is streamed in pieces, and no piece of reasoning looks like text', async () => {
		const { chunks } = await streamed(await modelOf(script).model.stream('Hi'));
		expect(chunks.filter(({ content }) => content !== '').length).toBeGreaterThan(3);
		expect(chunks.map(({ text }) => text).join('')).toBe(script.text);
	});

	test('of an engine that does not count tokens has no usage, only an estimate', async () => {
		const { model } = modelOf({ usage: { promptTokens: 0, completionTokens: 9, estimated: true } });
		const message = await model.invoke('Hi');
		expect(message.usage_metadata).toBeUndefined();
		expect(message.response_metadata.estimated_usage).toEqual({ output_tokens: 9 });
	});
});

describe('tools', () => {
	const calls = [
		{ id: 'a', name: 'get_weather', arguments: '{"city":"Paris"}' },
		{ id: 'b', name: 'get_weather', arguments: '{"city":"Rome"}' },
	];
	const wanted = [
		{ type: 'tool_call', id: 'a', name: 'get_weather', args: { city: 'Paris' } },
		{ type: 'tool_call', id: 'b', name: 'get_weather', args: { city: 'Rome' } },
	];

	test('two calls whose pieces arrive interleaved are put together by their index', async () => {
		const { model, engines } = modelOf({ toolCalls: calls, finishReason: 'toolCalls' });
		const bound = model.bindTools([weather]);
		const { whole } = await streamed(await bound.stream('Weather?'));
		expect(whole.tool_calls).toEqual(wanted);
		expect((await bound.invoke('Weather?')).tool_calls).toEqual(wanted);
		expect(engines.requests[0]?.tools).toMatchObject([
			{
				name: 'get_weather',
				description: 'Weather of a city',
				parameters: { type: 'object', properties: { city: { type: 'string' } } },
			},
		]);
	});

	test.each([
		['any', 'required'],
		['required', 'required'],
		['auto', 'auto'],
		['none', 'none'],
		['get_weather', { name: 'get_weather' }],
		[{ type: 'function', function: { name: 'get_weather' } }, { name: 'get_weather' }],
	])('tool choice %j', async (choice, asked) => {
		const { model, engines } = modelOf({ text: 'x' });
		await model.bindTools([weather], { tool_choice: choice }).invoke('Hi');
		expect(engines.requests[0]?.toolChoice).toEqual(asked);
	});

	test('a tool that only a cloud provider can run is refused where it is bound', () => {
		expect(() => modelOf({}).model.bindTools([{ type: 'web_search' }])).toThrow(/"web_search".*local model/);
	});

	test('ids that an engine gives anew in each answer are made unique, in both ways of asking', async () => {
		const { model } = modelOf({ toolCalls: [{ id: 'call_0', name: 'get_weather', arguments: '{}' }] });
		const bound = model.bindTools([weather]);
		const ids = [
			(await bound.invoke('1')).tool_calls?.[0]?.id,
			(await bound.invoke('2')).tool_calls?.[0]?.id,
			(await streamed(await bound.stream('3'))).whole.tool_calls?.[0]?.id,
		];
		expect(new Set(ids).size).toBe(3);
		expect(ids).toEqual(Array(3).fill(expect.stringMatching(/^call_[0-9a-f]{8}$/)));
	});

	test.each(['invoke', 'stream'] as const)(
		'arguments that were cut off are an error with %s, never acted on',
		async (how) => {
			const { model } = modelOf({
				toolCalls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Par', invalid: 'cut off' }],
				warnings: ['Tool call get_weather: cut off'],
				finishReason: 'length',
			});
			const answer =
				how === 'invoke' ? model.invoke('Hi') : model.stream('Hi').then((stream) => streamed(stream));
			await expect(answer).rejects.toThrow(/cannot be read.*raise Maximum Tokens/);
		},
	);

	test('a turn is sent back as it was: reasoning, calls in the model’s own arguments, results', async () => {
		const { model, engines } = modelOf(
			{ toolCalls: calls.slice(0, 1), reasoning: 'I need the weather.' },
			{ text: 'Sunny.' },
		);
		const bound = model.bindTools([weather]);
		const question = new HumanMessage('Weather?');
		const turn = await bound.invoke([question]);
		await bound.invoke([
			question,
			// as n8n's agent rebuilds it: list content, and the id among the arguments
			new AIMessage({
				content: [],
				additional_kwargs: turn.additional_kwargs,
				tool_calls: turn.tool_calls?.map((call) => ({ ...call, args: { ...call.args, id: call.id } })),
			}),
			new ToolMessage({ tool_call_id: 'a', name: 'get_weather', content: 'sunny' }),
		]);
		expect(engines.requests[1]?.messages).toEqual([
			{ role: 'user', content: 'Weather?' },
			{ role: 'assistant', content: '', reasoning: 'I need the weather.', toolCalls: calls.slice(0, 1) },
			{ role: 'tool', toolCallId: 'a', name: 'get_weather', content: 'sunny' },
		]);
	});
});

describe('messages', () => {
	const sent = async (...messages: Parameters<LocalEngineChatModel['invoke']>[0][] & unknown[]) => {
		const { model, engines } = modelOf({ text: 'x' });
		await model.invoke(messages as never);
		return engines.requests[0]?.messages;
	};

	test('neighbours of one role become one, for templates that insist on alternation', async () => {
		expect(
			await sent(
				new SystemMessage('a') as never,
				new SystemMessage('b') as never,
				new HumanMessage('c') as never,
				new HumanMessage({
					content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
				}) as never,
			),
		).toEqual([
			{ role: 'system', content: 'a\n\nb' },
			{
				role: 'user',
				content: [
					{ type: 'text', text: 'c' },
					{ type: 'image', mediaType: 'image/png', data: 'AAAA' },
				],
			},
		]);
	});

	test.each([
		[{ type: 'image', source_type: 'base64', data: 'AA', mime_type: 'image/jpeg' }, 'image/jpeg', 'AA'],
		[{ type: 'image', data: 'AA', mimeType: 'image/webp' }, 'image/webp', 'AA'],
		[{ type: 'image', source_type: 'url', url: 'data:image/gif;base64,BB' }, 'image/gif', 'BB'],
	])('an image as %j', async (block, mediaType, data) => {
		const messages = await sent(new HumanMessage({ content: [block] }) as never);
		expect(messages).toEqual([{ role: 'user', content: [{ type: 'image', mediaType, data }] }]);
	});

	test('a file of text is text; a PDF is refused with what to do', async () => {
		const file = (block: object) => new HumanMessage({ content: [block as never] }) as never;
		expect(await sent(file({ type: 'file', source_type: 'text', text: 'hello' }))).toEqual([
			{ role: 'user', content: 'hello' },
		]);
		await expect(
			sent(file({ type: 'file', source_type: 'base64', mime_type: 'application/pdf', data: 'AA' })),
		).rejects.toThrow(/"file" \(application\/pdf\).*turn other files into text/);
	});
});

describe('structured output', () => {
	const person = z.object({ name: z.string(), age: z.number() });

	test('holds the engine to the schema, and checks the answer against it', async () => {
		const { model, engines } = modelOf({ text: '{"name":"Ada","age":36}' }, { text: '{"name":"Ada"}' });
		const structured = model.withStructuredOutput(person, { name: 'person' });
		expect(await structured.invoke('Who?')).toEqual({ name: 'Ada', age: 36 });
		expect(engines.requests[0]?.responseFormat).toMatchObject({
			type: 'jsonSchema',
			name: 'person',
			fallback: 'prompt',
			schema: { type: 'object', required: ['name', 'age'] },
		});
		await expect(structured.invoke('Who?')).rejects.toThrow(/age/);
	});

	test('hands on the raw answer too, where that is asked for, even one that is none', async () => {
		const { model } = modelOf({ text: '{"name":"Ada","age":36}' }, { text: 'I do not know' });
		const structured = model.withStructuredOutput(person, { includeRaw: true });
		expect(await structured.invoke('Who?')).toMatchObject({
			parsed: { name: 'Ada' },
			raw: expect.any(AIMessage),
		});
		expect(await structured.invoke('Who?')).toMatchObject({
			parsed: null,
			raw: { content: 'I do not know' },
		});
	});

	test('as the arguments of a tool', async () => {
		const { model, engines } = modelOf({
			toolCalls: [{ id: 'a', name: 'person', arguments: '{"name":"Ada","age":36}' }],
		});
		const structured = model.withStructuredOutput(person, { name: 'person', method: 'functionCalling' });
		expect(await structured.invoke('Who?')).toEqual({ name: 'Ada', age: 36 });
		expect(engines.requests[0]).toMatchObject({
			toolChoice: { name: 'person' },
			tools: [{ name: 'person' }],
		});
	});
});

describe('settings', () => {
	test('are sent with every request; a format is left out beside tools, which no engine takes together', async () => {
		const engines = new ScriptedEngines([{ text: '{}' }]);
		const request = {
			model: 'm',
			temperature: 0.2,
			stop: ['END'],
			responseFormat: { type: 'json' } as const,
		};
		const model = new LocalEngineChatModel({ engines, request, call: { allowRemote: true } });
		await model.invoke('Hi');
		await model.bindTools([weather]).invoke('Hi', { stop: ['now'] });
		expect(engines.requests[0]).toMatchObject(request);
		expect(engines.requests[1]).toMatchObject({ temperature: 0.2, stop: ['now'], responseFormat: undefined });
		expect(engines.calls[0]).toMatchObject({ allowRemote: true });
	});

	test('no key of an engine is in what LangChain serialises', () => {
		const engines = Object.assign(new ScriptedEngines([{}]), { apiKey: 'secret-key' });
		const model = new LocalEngineChatModel({ engines });
		expect(JSON.stringify(model)).not.toContain('secret-key');
		expect(JSON.stringify(model.lc_kwargs)).not.toContain('secret-key');
	});
});

test('tokens are estimated here, without fetching a table from the internet', async () => {
	const fetched = jest.spyOn(globalThis, 'fetch');
	const { model } = modelOf({});
	expect(await model.getNumTokens('Hello world')).toBe(3);
	expect(await model.getNumTokens([{ type: 'text', text: 'Hello world' }])).toBe(3);
	expect(fetched).not.toHaveBeenCalled();
	fetched.mockRestore();
});

describe('ending and failing', () => {
	test('the execution’s signal ends a call that has none of its own, and both end one that has', async () => {
		const execution = new AbortController();
		const caller = new AbortController();
		const engines = new ScriptedEngines([{ text: 'x' }]);
		const model = new LocalEngineChatModel({ engines, call: { signal: execution.signal } });
		await model.invoke('Hi');
		await model.invoke('Hi', { signal: caller.signal });
		expect(engines.calls.map(({ signal }) => signal?.aborted)).toEqual([false, false]);
		execution.abort();
		expect(engines.calls.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
		await expect(model.invoke('Hi')).rejects.toThrow();
		expect(engines.requests).toHaveLength(2);
	});

	test('a consumer that stops reading stops the engine', async () => {
		let returned = false;
		async function* endless() {
			try {
				yield { type: 'start', engine: 'e', model: 'm', attempts: [] } as const;
				for (;;) yield { type: 'text', text: 'and so on ' } as const;
			} finally {
				returned = true;
			}
		}
		const model = new LocalEngineChatModel({
			engines: { chat: endless, complete: () => Promise.reject(new Error('not asked')) },
		});
		for await (const chunk of await model.stream('Hi')) {
			expect(chunk.content).toBe('and so on ');
			break;
		}
		expect(returned).toBe(true);
	});

	test.each(['invoke', 'stream'] as const)(
		'what an engine throws becomes n8n’s error with %s, the engine’s words in its description',
		async (how) => {
			const node = {
				id: '1',
				name: 'M',
				type: 't',
				typeVersion: 1,
				position: [0, 0] as [number, number],
				parameters: {},
			};
			const engines = new ScriptedEngines([
				new EngineError('modelNotFound', 'e1 does not have the model "x".', {
					engine: 'e1',
					engineMessage: 'model not found, try pulling it first',
				}),
			]);
			const model = new LocalEngineChatModel({ engines, toError: (thrown) => toNodeError(node, thrown, 2) });
			const answer =
				how === 'invoke' ? model.invoke('Hi') : model.stream('Hi').then((stream) => streamed(stream));
			await expect(answer).rejects.toMatchObject({
				name: 'NodeOperationError',
				message: 'e1 does not have the model "x".',
				description: expect.stringContaining('e1 said: model not found, try pulling it first'),
				context: { itemIndex: 2 },
			});
		},
	);
});
