// What LangChain expects of a chat model, case by case: the behaviours of its own standard tests (`@langchain/standard-tests`, which
// its authors keep inside their repository and do not publish), written anew for jest. docs/chat-model.md lists the exceptions.
import { InMemoryCache } from '@langchain/core/caches';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import {
	AIMessage,
	AIMessageChunk,
	type BaseMessage,
	HumanMessage,
	SystemMessage,
	ToolMessage,
} from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { concat } from '@langchain/core/utils/stream';
import { z } from 'zod';

export interface Standard {
	/** A new model. */
	readonly model: (params?: { readonly cache?: InMemoryCache; readonly stop?: string[] }) => BaseChatModel;
	/** Whether what answers calls several tools at once. */
	readonly callsSeveral?: boolean;
}

const citySchema = z.object({ city: z.string().describe('The city') });
const weather = tool(() => 'It is 21 degrees and sunny in Paris.', {
	name: 'get_weather',
	description: 'Weather for a city',
	schema: citySchema,
});
const clock = tool(() => 'It is 12:02 in Paris.', {
	name: 'get_time',
	description: 'Time in a city',
	schema: citySchema,
});
const question = 'What is the weather in Paris? Use get_weather.';
const call = { type: 'tool_call', id: 'abc123', name: 'get_weather', args: { city: 'Paris' } } as const;
const result = new ToolMessage({ tool_call_id: 'abc123', name: 'get_weather', content: 'sunny' });

const bound = (model: BaseChatModel, ...tools: Parameters<NonNullable<BaseChatModel['bindTools']>>[0]) => {
	if (!model.bindTools) throw new Error('the model cannot bind tools');
	return model.bindTools(tools);
};

async function collected(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
	let whole: AIMessageChunk | undefined;
	for await (const chunk of stream) {
		expect(chunk).toBeInstanceOf(AIMessageChunk);
		whole = whole ? concat(whole, chunk) : chunk;
	}
	if (!whole) throw new Error('nothing was streamed');
	return whole;
}

function expectAnswer(message: BaseMessage): void {
	expect(message).toBeInstanceOf(AIMessage);
	expect(typeof message.text).toBe('string');
	expect(message.text).not.toBe('');
}

const oneCall = [{ type: 'tool_call', name: 'get_weather', args: { city: 'Paris' }, id: expect.any(String) }];

/** Cases that need no engine. */
export function standardUnitCases({ model }: Standard): void {
	test('binds tools and takes a schema for its output', () => {
		expect(bound(model(), weather)).toBeDefined();
		expect(model().withStructuredOutput?.(citySchema)).toBeDefined();
	});

	test('names its provider, model, temperature, limit and stop words to tracers', () => {
		expect(Object.keys(model().getLsParams({})).sort()).toEqual([
			'ls_max_tokens',
			'ls_model_name',
			'ls_model_type',
			'ls_provider',
			'ls_stop',
			'ls_temperature',
		]);
	});

	test('an aborted signal: invoke throws, stream gives nothing', async () => {
		const signal = AbortSignal.abort();
		await expect(model().invoke('hello', { signal })).rejects.toThrow();
		const chunks: AIMessageChunk[] = [];
		const read = async () => {
			for await (const chunk of await model().stream('hello', { signal })) chunks.push(chunk);
		};
		await expect(read()).rejects.toThrow();
		expect(chunks).toEqual([]);
	});
}

/** Cases in which an engine writes text. */
export function standardTextCases({ model }: Standard): void {
	test('invoke', async () => expectAnswer(await model().invoke('Hello')));

	test('stream', async () => {
		const whole = await collected(await model().stream('Hello'));
		expect(whole.text.length).toBeGreaterThan(0);
	});

	test('batch', async () => {
		const answers = await model().batch(['Hello', 'Hey']);
		expect(answers).toHaveLength(2);
		for (const answer of answers) expectAnswer(answer);
	});

	test('streamEvents: start, pieces, end, and the pieces add up to the end', async () => {
		const events: Array<{ event: string; data: { chunk?: AIMessageChunk; output?: AIMessageChunk } }> = [];
		for await (const event of model().streamEvents('Hello', { version: 'v2' })) events.push(event);
		expect(events[0]?.event).toBe('on_chat_model_start');
		expect(events.at(-1)?.event).toBe('on_chat_model_end');
		const pieces = events.filter(({ event }) => event === 'on_chat_model_stream');
		expect(pieces.length).toBeGreaterThan(1);
		expect(pieces.map(({ data }) => data.chunk?.text ?? '').join('')).toBe(events.at(-1)?.data.output?.text);
	});

	test('a conversation', async () => {
		expectAnswer(
			await model().invoke([
				new HumanMessage('hello'),
				new AIMessage('hello'),
				new HumanMessage('how are you'),
			]),
		);
	});

	test('several messages of one role in a row', async () => {
		expectAnswer(
			await model().invoke([
				new SystemMessage('hello'),
				new SystemMessage('hello'),
				new HumanMessage('hello'),
				new HumanMessage('hello'),
				new AIMessage('hello'),
				new AIMessage('hello'),
				new HumanMessage('how are you'),
			]),
		);
	});

	test('usage and the name of the model, invoked and streamed', async () => {
		const figures = {
			input_tokens: expect.any(Number),
			output_tokens: expect.any(Number),
			total_tokens: expect.any(Number),
		};
		const answer = await model().invoke('Hello');
		expect(answer.usage_metadata).toMatchObject(figures);
		expect(answer.response_metadata.model).toMatch(/./);
		expect((await collected(await model().stream('Hello'))).usage_metadata).toMatchObject(figures);
	});

	test('stop words of the call and of the model', async () => {
		const whole = await model().invoke('hi');
		const word = whole.text.split(' ').at(-1) ?? '';
		for (const answer of [
			await model().invoke('hi', { stop: [word] }),
			await model({ stop: [word] }).invoke('hi'),
		]) {
			expect(answer).toBeInstanceOf(AIMessage);
			expect(answer.text).not.toContain(word);
		}
	});

	test('a cache serves messages of several parts', async () => {
		const cache = new InMemoryCache();
		const cached = model({ cache });
		const message = new HumanMessage({ content: [{ type: 'text', text: 'Hello there!' }] });
		const first = await cached.invoke([message]);
		const second = await cached.invoke([message]);
		expect(second.text).toBe(first.text);
		// served from the cache: nothing was used
		expect(second.usage_metadata).toMatchObject({ total_tokens: 0 });
	});

	test('a history with tool calls, their content as text or as parts', async () => {
		const parts = [
			{ type: 'text', text: 'some text' },
			{ type: 'tool_use', id: call.id, name: call.name, input: call.args },
		];
		for (const content of ['', parts]) {
			const history = [new HumanMessage(question), new AIMessage({ content, tool_calls: [call] }), result];
			expect(await bound(model(), weather).invoke(history)).toBeInstanceOf(AIMessage);
		}
	});

	test('a history as an example, and a new question', async () => {
		const history = [
			new HumanMessage(question),
			new AIMessage({ content: '', tool_calls: [call] }),
			result,
			new AIMessage('It is sunny.'),
			new HumanMessage('And in Rome?'),
		];
		expect(await bound(model(), weather).invoke(history)).toBeInstanceOf(AIMessage);
	});

	test('parts of text, and a text file', async () => {
		for (const part of [
			{ type: 'text', source_type: 'text', text: 'Hello from a part' },
			{ type: 'file', source_type: 'text', text: 'Hello from a file', metadata: { filename: 'hello.txt' } },
		]) {
			expectAnswer(await model().invoke([new HumanMessage({ content: [part] })]));
		}
	});
}

/** Cases in which an engine calls tools. */
export function standardToolCases({ model, callsSeveral }: Standard): void {
	test('calls a tool with its arguments', async () => {
		const answer = await bound(model(), weather).invoke(question);
		expect(answer).toBeInstanceOf(AIMessage);
		expect(answer.tool_calls).toEqual(oneCall);
	});

	test('calls a tool with its arguments, streamed, with usage', async () => {
		const whole = await collected(await bound(model(), weather).stream(question));
		expect(whole.tool_calls).toEqual(oneCall);
		expect(whole.usage_metadata?.input_tokens).toBeGreaterThan(0);
		expect(whole.usage_metadata?.output_tokens).toBeGreaterThan(0);
	});

	test('takes a tool as OpenAI writes it, as a runnable, and as mere parameters', async () => {
		const openai = {
			type: 'function',
			function: {
				name: 'get_weather',
				description: 'Weather for a city',
				parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
			},
		};
		const runnable = RunnableLambda.from(() => 'no-op').asTool({
			name: 'get_weather',
			description: 'Weather for a city',
			schema: citySchema,
		});
		const params = { name: 'get_weather', description: 'Weather for a city', schema: citySchema };
		for (const each of [openai, runnable, params]) {
			const prompt = ChatPromptTemplate.fromMessages([
				['system', 'You must always call the {toolName} function.'],
				['human', question],
			]);
			const answer = await prompt.pipe(bound(model(), each)).invoke({ toolName: 'get_weather' });
			expect(answer.tool_calls).toEqual(oneCall);
		}
	});

	if (!callsSeveral) return;
	test('calls two tools at once, and answers when it has both results', async () => {
		const both = bound(model(), weather, clock);
		const ask = new HumanMessage('Call get_weather and get_time for Paris.');
		for (const answer of [await both.invoke([ask]), await collected(await both.stream([ask]))]) {
			expect(answer.tool_calls?.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
			const results = answer.tool_calls?.map(
				({ id = '', name }) => new ToolMessage({ tool_call_id: id, name, content: 'sunny, 12:02' }),
			);
			const final = await both.invoke([ask, answer, ...(results ?? [])]);
			expect(final.tool_calls ?? []).toEqual([]);
			expectAnswer(final);
		}
	});
}

/** Cases in which a called tool's result leads to an answer in words. */
export function standardTurnCases({ model }: Standard): void {
	test.each(['invoke', 'stream'] as const)(
		'calls a tool, takes its result, answers, with %s',
		async (how) => {
			const agent = bound(model(), weather);
			const ask = async (history: BaseMessage[]): Promise<AIMessage> =>
				how === 'invoke' ? await agent.invoke(history) : await collected(await agent.stream(history));
			const history: BaseMessage[] = [new HumanMessage(question)];
			const turn = await ask(history);
			expect(turn.tool_calls).toEqual(oneCall);
			const id = turn.tool_calls?.[0]?.id ?? '';
			const content = await weather.invoke({ city: 'Paris' });
			history.push(turn, new ToolMessage({ tool_call_id: id, name: 'get_weather', content }));
			expect((await ask(history)).text).not.toBe('');
		},
	);
}

/** Cases in which an engine is held to a schema. */
export function standardSchemaCases({ model }: Standard): void {
	const sum = z.object({ a: z.number().int(), b: z.number().int() });
	const structured = <T extends Record<string, unknown>>(schema: z.ZodType<T>, includeRaw?: true) => {
		const one = model();
		if (!one.withStructuredOutput) throw new Error('the model has no structured output');
		return includeRaw
			? one.withStructuredOutput<T>(schema, { name: 'extract', includeRaw })
			: one.withStructuredOutput<T>(schema, { name: 'extract' });
	};

	test('gives the data of a schema', async () => {
		expect(await structured(sum).invoke('The sum of 3 and 4?')).toEqual({
			a: expect.any(Number),
			b: expect.any(Number),
		});
	});

	test('gives the raw answer beside it', async () => {
		const answer = await structured(sum, true).invoke('The sum of 3 and 4?');
		expect(answer).toMatchObject({ parsed: { a: expect.any(Number), b: expect.any(Number) } });
		expect((answer as { raw: unknown }).raw).toBeInstanceOf(AIMessage);
	});

	test('gives nested data with choices and open objects', async () => {
		const decision = z.object({
			decision: z.enum(['UseAPI', 'UseFallback']),
			explanation: z.string(),
			apiDetails: z.object({
				serviceName: z.string(),
				parameters: z.record(z.unknown()),
			}),
		});
		expect(await structured(decision).invoke('Use the API')).toMatchObject({
			decision: expect.stringMatching(/^Use(API|Fallback)$/),
			apiDetails: { serviceName: expect.any(String) },
		});
	});
}

/** Cases with pictures: by address and by content, as LangChain's first and second standard and OpenAI write them. */
export function standardImageCases({ model }: Standard): void {
	const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
	test.each([
		{ type: 'image', source_type: 'url', url: 'https://example.com/disc.png' },
		{ type: 'image', source_type: 'base64', data, mime_type: 'image/png' },
		{ type: 'image', source_type: 'url', url: `data:image/png;base64,${data}` },
		{ type: 'image', data, mimeType: 'image/png' },
		{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
	])('a picture as %j', async (part) => {
		expectAnswer(await model().invoke([new HumanMessage({ content: [part] })]));
	});
}
