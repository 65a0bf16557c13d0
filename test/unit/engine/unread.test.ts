import { EnginePool } from '../../../lib/engine';
import { endlessEngine } from '../../support/endlessEngine';

const request = { messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('an answer that is not read', () => {
	it.each([
		['after the time for readers', { unreadMs: 200 }, { kind: 'cancelled', message: /not read any more/ }],
		[
			'after its total deadline, though it is paused',
			{ unreadMs: 60_000, totalMs: 500 },
			{ kind: 'timeout' },
		],
	] as const)('gives the place at the engine back %s', async (_, deadlines, expected) => {
		const engine = await endlessEngine();
		const address = {
			dialect: 'openai',
			baseUrl: engine.url,
			models: { chat: 'm' },
			maxConcurrency: 1,
		} as const;
		const pool = new EnginePool([address], { deadlines });
		try {
			const unread = pool.chat(request);
			expect((await unread.next()).value).toMatchObject({ type: 'start' });
			// The one place is free again when the unread answer is given up: only then this one begins.
			const other = pool.chat(request, { deadlines: { totalMs: 20_000, unreadMs: 60_000 } });
			expect((await other.next()).value).toMatchObject({ type: 'start' });
			await other.return?.();
			const read = async () => {
				for await (const event of unread) void event;
			};
			await expect(read()).rejects.toMatchObject({
				kind: expected.kind,
				...('message' in expected && { message: expect.stringMatching(expected.message) }),
			});
		} finally {
			await pool.close();
			engine.close();
		}
	});

	it('ends in an error when the engine sends more than any answer has', async () => {
		const engine = await endlessEngine();
		const pool = new EnginePool([{ dialect: 'openai', baseUrl: engine.url, models: { chat: 'm' } }], {
			rounds: 0,
		});
		try {
			await expect(pool.complete(request)).rejects.toMatchObject({ kind: 'interrupted' });
			while (engine.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
		} finally {
			await pool.close();
			engine.close();
		}
	});
});
