import {
	EnginePool,
	type Attempt,
	type ChatRequest,
	type EngineAddress,
	type PoolOptions,
} from '../../../../lib/engine';
import { type Reply, type ReplayRequest, type ReplayServer, replayServer } from './replayServer';

export const ASK: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };

export const sse = (...deltas: object[]): string[] =>
	deltas.map((delta) => `data: ${JSON.stringify(delta)}\n\n`);
export const piece = (content: string) => ({
	choices: [{ index: 0, delta: { content }, finish_reason: null }],
});
export const ends = (reason: string) => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
export const stop = ends('stop');
export const says = (text: string, gapMs = 0): Reply => ({
	chunks: [...sse(piece(text), stop), 'data: [DONE]\n\n'],
	end: 'complete',
	gapMs,
});
export const breaksAfter = (text: string): Reply => ({ chunks: sse(piece(text)), end: 'fin' });
export const refuses = (
	status: number,
	message: string,
	headers: { [name: string]: string } = {},
): Reply => ({
	status,
	body: { error: { message } },
	headers,
});
export const lists = (...models: object[]): Reply => ({ status: 200, body: { data: models } });

export const outcomes = (attempts: readonly Attempt[]) =>
	attempts.map(({ engine: name, outcome }) => `${name}:${outcome}`);

/** Servers and pools of one test file; `closeAll` after each test. */
export function workbench() {
	let open: { close(): Promise<void> }[] = [];
	const keep = (...servers: readonly { close(): Promise<void> }[]): void => {
		open.push(...servers);
	};
	type Replies = (count: number, request: ReplayRequest) => Reply | Promise<Reply>;
	const serve = async (reply: Replies, unlisted: boolean): Promise<ReplayServer> => {
		const server = await replayServer((request, count) => reply(count, request), { unlisted });
		keep(server);
		return server;
	};
	/** An engine without a list of models: takes every name. */
	const engine = (reply: Replies): Promise<ReplayServer> => serve(reply, true);
	/** One that answers the question for its models by `reply` too. */
	const listing = (reply: Replies): Promise<ReplayServer> => serve(reply, false);
	const poolOf = (
		engines: readonly (Partial<EngineAddress> & { readonly baseUrl: string })[],
		options: PoolOptions = {},
	): EnginePool => {
		const pool = new EnginePool(
			engines.map((address, i) => ({ name: `e${i + 1}`, dialect: 'openai', ...address })),
			{ breakerPauseMs: 200, ...options },
		);
		// Before the servers, so that no socket is reset under a call.
		open.unshift(pool);
		return pool;
	};
	const closeAll = async (): Promise<void> => {
		await Promise.all(open.map((one) => one.close()));
		open = [];
	};
	return { engine, listing, poolOf, keep, closeAll };
}
