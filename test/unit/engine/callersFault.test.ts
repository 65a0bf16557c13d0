import { EnginePool, type ChatRequest } from '../../../lib/engine';
import { replayServer } from './support/replayServer';

const nested = (depth: number): unknown => {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = { a: value };
	return value;
};
const cycle: { self?: unknown } = {};
cycle.self = cycle;

const FAULTS: ReadonlyArray<readonly [string, unknown, RegExp]> = [
	['nested 20,000 deep', nested(20_000), /nested deeper than 200 levels/],
	['a cycle', cycle, /nested deeper than 200 levels/],
	['a BigInt', { a: 1n }, /BigInt/],
	['a number that JSON cannot hold', { a: Infinity }, /Infinity/],
];

describe.each(FAULTS)('a request with %s', (_, bad, message) => {
	it('is the caller’s error: no engine is asked, none is left alone', async () => {
		const said = JSON.stringify({
			choices: [{ index: 0, delta: { content: 'fine' }, finish_reason: 'stop' }],
		});
		const chunks = [`data: ${said}\n\n`, 'data: [DONE]\n\n'];
		const server = await replayServer(() => ({ chunks, type: 'text/event-stream', end: 'complete' }));
		const pool = new EnginePool([{ dialect: 'openai', baseUrl: server.url, models: { chat: 'm' } }]);
		try {
			const request = {
				messages: [{ role: 'user', content: 'Hi' }],
				tools: [{ name: 'a', description: '', parameters: bad }],
			} as ChatRequest;
			for (let i = 0; i < 8; i++) {
				await expect(pool.complete(request)).rejects.toMatchObject({
					kind: 'invalidRequest',
					message: expect.stringMatching(message),
				});
			}
			expect(server.requests).toEqual([]);
			// Eight failures of the engine would have opened its breaker.
			await expect(pool.complete({ messages: [{ role: 'user', content: 'Hi' }] })).resolves.toMatchObject({
				text: 'fine',
				attempts: [{ outcome: 'ok' }],
			});
		} finally {
			await pool.close();
			await server.close();
		}
	});
});
