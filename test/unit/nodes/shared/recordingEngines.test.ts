import type { ChatEvent, ChatRequest, ChatResult, Engines } from '../../../../lib/engine';
import type { Exchange } from '../../../../nodes/shared/runtime/recording';
import { recordingEngines } from '../../../../nodes/shared/runtime/recordingEngines';

const usage = { promptTokens: 3, completionTokens: 2 };
const timings = { queueMs: 0, firstTokenMs: 1, totalMs: 5 };
const events: ChatEvent[] = [
	{ type: 'start', engine: 'e', model: 'm', attempts: [] },
	{ type: 'reasoning', text: 'Let me see.' },
	{ type: 'toolCall', index: 0, id: 'c1', name: 'add', argumentsDelta: '{"a":' },
	{ type: 'toolCall', index: 0, id: 'c1', name: 'add', argumentsDelta: '1}' },
	{ type: 'end', finishReason: 'toolCalls', usage, timings },
];
const request: ChatRequest = {
	messages: [{ role: 'user', content: '1 + 1?' }],
	tools: [{ name: 'add', parameters: { type: 'object' } }],
};
const whole = { text: 'Two.', engine: 'e', model: 'm', finishReason: 'stop', usage, timings } as ChatResult;

function engines(given: readonly ChatEvent[] = events, fails?: Error): Pick<Engines, 'chat' | 'complete'> {
	return {
		complete: async () => whole,
		async *chat() {
			yield* given;
			if (fails) throw fails;
		},
	};
}

const kept: Exchange[] = [];
const keep = async (exchange: Exchange) => void kept.push(exchange);
beforeEach(() => void kept.splice(0));

test('a streamed answer is kept whole when its end is handed on, and goes on unchanged', async () => {
	const seen: ChatEvent[] = [];
	for await (const event of recordingEngines(engines(), keep).chat(request)) {
		// Nothing is kept before the end, and it is when the end arrives: a reader asks for no more.
		expect(kept).toHaveLength(event.type === 'end' ? 1 : 0);
		seen.push(event);
	}
	expect(seen).toEqual(events);
	expect(kept).toMatchObject([
		{
			messages: request.messages,
			tools: request.tools,
			labels: { task: 'agent' },
			result: {
				reasoning: 'Let me see.',
				toolCalls: [{ id: 'c1', name: 'add', arguments: '{"a":1}' }],
				finishReason: 'toolCalls',
				usage,
				engine: 'e',
				model: 'm',
			},
		},
	]);
});

test('a collected answer is kept with its schema', async () => {
	const schema = { type: 'object' };
	const asked: ChatRequest = { messages: request.messages, responseFormat: { type: 'jsonSchema', schema } };
	expect(await recordingEngines(engines(), keep).complete(asked)).toBe(whole);
	expect(kept).toMatchObject([{ schema, labels: { task: 'chat' }, result: { text: 'Two.' } }]);
});

test('an answer that breaks off is not kept', async () => {
	const broken = recordingEngines(engines(events.slice(0, 3), new Error('gone')), keep).chat(request);
	await expect(
		(async () => {
			for await (const event of broken) expect(event.type).not.toBe('end');
		})(),
	).rejects.toThrow('gone');
	expect(kept).toEqual([]);
});
