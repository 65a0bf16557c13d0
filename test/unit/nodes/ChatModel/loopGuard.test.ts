// An agent's loop over the chat model of the node, with an engine that asks for the same again and again.
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import type { ISupplyDataFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { guardLoops } from '../../../../lib/engine';
import { ChatModel } from '../../../../nodes/ChatModel/ChatModel.node';
import { contextOf } from '../../../support/nodeContext';
import { replayServer, type ReplayServer } from '../../engine/support/replayServer';
import { sse } from '../../engine/support/replies';

const weather = tool(() => 'sunny', {
	name: 'get_weather',
	description: 'Weather of a city',
	schema: z.object({ city: z.string() }),
});

let engine: ReplayServer;
/** Arguments of the calls that the engine asks for, in turn; the last ones for ever. */
let script: readonly string[] = [];
beforeAll(async () => {
	engine = await replayServer(
		({ body }) => {
			const { messages } = body as { messages: Array<{ role: string }> };
			const turn = messages.filter(({ role }) => role === 'assistant').length;
			const call = {
				index: 0,
				id: `c${turn}`,
				function: { name: 'get_weather', arguments: script[Math.min(turn, script.length - 1)] },
			};
			const chunks = sse(
				{ choices: [{ index: 0, delta: { tool_calls: [call] } }] },
				{ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
			);
			return { chunks: [...chunks, 'data: [DONE]\n\n'], end: 'complete' };
		},
		{ unlisted: true },
	);
});
afterAll(() => engine.close());

/** Runs like an agent: until the model asks for no tool, or the agent has had enough. */
async function agentRun(options: object, isStreamed: boolean): Promise<{ tools: number; answer: string }> {
	const context = Object.assign(
		contextOf({
			parameters: { options },
			node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
			credentials: () => ({ dialect: 'openai', baseUrl: engine.url, chatModel: 'm' }),
		}),
		{ getNextRunIndex: () => 0, addInputData: () => ({ index: 0 }), addOutputData: () => undefined },
	);
	const { response } = await new ChatModel().supplyData.call(context as unknown as ISupplyDataFunctions, 0);
	const model = (
		response as BaseChatModel & { bindTools: NonNullable<BaseChatModel['bindTools']> }
	).bindTools([weather]);
	const messages: BaseMessage[] = [new HumanMessage('How is the weather in Paris?')];
	let tools = 0;
	for (let step = 0; step < 10; step++) {
		let message = isStreamed ? undefined : await model.invoke(messages);
		if (isStreamed)
			for await (const chunk of await model.stream(messages))
				message = message === undefined ? chunk : message.concat(chunk);
		const [call] = message?.tool_calls ?? [];
		if (message === undefined || call === undefined) return { tools, answer: message?.text ?? '' };
		tools++;
		messages.push(message, new ToolMessage({ tool_call_id: call.id ?? '', content: 'sunny' }));
	}
	return { tools, answer: '' };
}

describe.each([
	['collected', false],
	['streamed', true],
])('an agent whose model asks for the same again and again (%s)', (_, isStreamed) => {
	test('is ended with words after three calls, however the arguments are written', async () => {
		script = ['{"city":"Paris"}', '{ "city": "Paris" }', '{"city":"Paris"}'];
		const { tools, answer } = await agentRun({}, isStreamed);
		expect(tools).toBe(3);
		expect(answer).toMatch(
			/^Stopped: the model called the tool "get_weather" 3 times with the same arguments \(\{"city":"Paris"\}\)/,
		);
	});

	test('goes on while the arguments differ', async () => {
		script = Array.from({ length: 20 }, (_each, i) => `{"city":"Paris ${i}"}`);
		expect(await agentRun({}, isStreamed)).toEqual({ tools: 10, answer: '' });
	});

	test('is ended after as many calls as the option says, and never where it is 0', async () => {
		script = ['{"city":"Paris"}'];
		expect(await agentRun({ maxRepeatedCalls: 1 }, isStreamed)).toMatchObject({ tools: 1 });
		expect(await agentRun({ maxRepeatedCalls: 0 }, isStreamed)).toMatchObject({ tools: 10 });
	});
});

test('what an earlier question needed does not count', async () => {
	const call = { id: 'a', name: 't', arguments: '{}' };
	const guarded = guardLoops(
		{
			complete: async () => ({ toolCalls: [call], text: '' }) as never,
			chat: () => {
				throw new Error('not used');
			},
		},
		1,
	);
	const earlier = [
		{ role: 'user' as const, content: 'a' },
		{ role: 'assistant' as const, content: '', toolCalls: [call] },
	];
	expect(
		(await guarded.complete({ messages: [...earlier, { role: 'user', content: 'b' }] })).toolCalls,
	).toEqual([call]);
	expect((await guarded.complete({ messages: earlier })).toolCalls).toEqual([]);
});
