// Outages of real llama.cpp servers: killed, stopped and restarted under calls, nothing is lost and nothing is wrong.
import {
	type ChatRequest,
	EngineError,
	EnginePool,
	type EngineAddress,
	type PoolOptions,
} from '../../../lib/engine';
import { describeLlama, freePort, type LlamaServer, startLlama } from '../../support/llamaServer';

const SENTENCE = 'Hello! Paris is the capital of France, and this sentence never changes.';
const ASK: ChatRequest = {
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
	temperature: 0,
	maxTokens: 64,
};
/** At least so many calls of each kind, through so many outages, and how many calls are under way at once. */
const CALLS = 300;
const OUTAGES = 6;
const AT_ONCE = 8;
/** An outage begins each time so many further calls have ended. */
const CALLS_BETWEEN = 20;
const START = { ctx: 2048, parallel: 4 };

const pools: EnginePool[] = [];
const poolOf = (engines: readonly Omit<EngineAddress, 'name'>[], options: PoolOptions = {}): EnginePool => {
	const pool = new EnginePool(
		engines.map((address, i) => ({ name: `e${i + 1}`, ...address })),
		options,
	);
	pools.push(pool);
	return pool;
};
afterEach(async () => {
	await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What became of a call: its whole text, or what had come when it said that it broke off. */
type End = { readonly text: string } | { readonly partial: string };

async function collected(pool: EnginePool): Promise<End> {
	return { text: (await pool.complete(ASK)).text };
}

async function streamed(pool: EnginePool): Promise<End> {
	let text = '';
	try {
		for await (const event of pool.chat(ASK)) if (event.type === 'text') text += event.text;
		return { text };
	} catch (error) {
		// Once text was handed out, no other engine may go on: the stream says that it broke.
		if (!(error instanceof EngineError) || text === '') throw error;
		expect(error).toMatchObject({ partial: { text } });
		return { partial: text };
	}
}

/** Kills one engine, stops another and restarts them in turn, until it is told to end. */
function troubleWith(engines: LlamaServer[], ended: () => number): { count(): number; end(): Promise<void> } {
	let over = false;
	let outages = 0;
	const running = (async () => {
		for (let turn = 0; !over; turn++) {
			const next = ended() + CALLS_BETWEEN;
			while (!over && ended() < next) await sleep(10);
			if (over) return;
			const at = turn % engines.length;
			const engine = engines[at];
			if (engine === undefined) return;
			if (turn % 3 === 2) {
				engine.freeze();
				const until = ended() + CALLS_BETWEEN;
				while (!over && ended() < until) await sleep(10);
				engine.thaw();
			} else {
				await engine.kill();
				engines[at] = await startLlama('ci-text', { ...START, port: engine.port });
			}
			outages++;
		}
	})();
	return {
		count: () => outages,
		end: async () => {
			over = true;
			await running;
		},
	};
}

describeLlama('while engines are killed, stopped and restarted', () => {
	it.each([
		['collected', collected],
		['streamed', streamed],
	] as const)(`${CALLS} calls, %s: none is lost, none is wrong`, async (kind, call) => {
		const ports = [await freePort(), await freePort()];
		const engines = await Promise.all(ports.map((port) => startLlama('ci-text', { ...START, port })));
		const pool = poolOf(
			engines.map(({ url }) => ({ baseUrl: url, dialect: 'auto' })),
			{ deadlines: { firstTokenMs: 3_000, betweenTokensMs: 1_000 } },
		);
		const ends: End[] = [];
		const trouble = troubleWith(engines, () => ends.length);
		try {
			await Promise.all(
				Array.from({ length: AT_ONCE }, async () => {
					while (ends.length < CALLS || trouble.count() < OUTAGES) ends.push(await call(pool));
				}),
			);
			await trouble.end();
			const whole = ends.flatMap((end) => ('text' in end ? [end.text] : []));
			const broken = ends.flatMap((end) => ('partial' in end ? [end.partial] : []));
			expect(whole).toEqual(whole.map(() => SENTENCE));
			expect(broken.filter((text) => !SENTENCE.startsWith(text))).toEqual([]);
			if (kind === 'collected') expect(broken).toEqual([]);
			// At most those that were under way broke off.
			expect(broken.length).toBeLessThanOrEqual(trouble.count() * AT_ONCE);
		} finally {
			await trouble.end();
			await Promise.all(engines.map((engine) => engine.stop()));
		}
	});
});

/** Asks again and again until it is so; how many times it took. */
async function callsUntil(pool: EnginePool, engine: string, most: number): Promise<number> {
	for (let count = 1; count <= most; count++) {
		if ((await pool.complete(ASK)).engine === engine) return count;
		await sleep(25);
	}
	throw new Error(`${engine} answered none of ${most} calls`);
}

describeLlama('an outage is over as soon as the engine is back', () => {
	/** Longer than the longest pause between two probes. */
	const DOWN_MS = 4_000;

	it.each(['auto', 'llamacpp'] as const)(
		'with no other engine the next call is served (%s)',
		async (dialect) => {
			const port = await freePort();
			let engine = await startLlama('ci-text', { ...START, port });
			const pool = poolOf([{ baseUrl: engine.url, dialect }], { rounds: 0 });
			try {
				await pool.complete(ASK);
				await engine.kill();
				const failed = await Promise.allSettled(Array.from({ length: 5 }, () => pool.complete(ASK)));
				expect(failed.map(({ status }) => status)).toEqual(failed.map(() => 'rejected'));
				await sleep(DOWN_MS);
				await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'unreachable' });
				engine = await startLlama('ci-text', { ...START, port });
				expect((await pool.complete(ASK)).text).toBe(SENTENCE);
			} finally {
				await engine.stop();
			}
		},
	);

	it.each(['auto', 'llamacpp'] as const)('beside another it is used again (%s)', async (dialect) => {
		const port = await freePort();
		let one = await startLlama('ci-text', { ...START, port });
		const two = await startLlama('ci-text', START);
		const pool = poolOf([
			{ baseUrl: one.url, dialect },
			{ baseUrl: two.url, dialect, tier: 1 },
		]);
		try {
			await pool.complete(ASK);
			await one.kill();
			const end = performance.now() + DOWN_MS;
			const during = [];
			while (performance.now() < end) {
				during.push(await pool.complete(ASK));
				await sleep(50);
			}
			const tries = during.map(({ attempts }) =>
				attempts.map(({ engine, outcome }) => `${engine} ${outcome}`),
			);
			// Only the first call met the engine that is down.
			expect(tries).toEqual([['e1 unreachable', 'e2 ok'], ...tries.slice(1).map(() => ['e2 ok'])]);
			one = await startLlama('ci-text', { ...START, port });
			await callsUntil(pool, 'e1', 200);
		} finally {
			await Promise.all([one.stop(), two.stop()]);
		}
	});
});

describeLlama('an engine that is stopped', () => {
	it('costs the call that waits for it some questions, not its deadline, and later calls nothing', async () => {
		const one = await startLlama('ci-text', START);
		const two = await startLlama('ci-text', START);
		const pool = poolOf(
			[
				{ baseUrl: one.url, dialect: 'llamacpp' },
				{ baseUrl: two.url, dialect: 'llamacpp', tier: 1 },
			],
			// The deadline for the first token is longer than the test may take.
			{ deadlines: { firstTokenMs: 600_000, silentMs: 200 } },
		);
		try {
			expect((await pool.complete(ASK)).engine).toBe('e1');
			one.freeze();
			const first = await pool.complete(ASK);
			expect(first).toMatchObject({
				text: SENTENCE,
				attempts: [
					{ engine: 'e1', outcome: 'timeout', message: expect.stringContaining('It hangs') },
					{ engine: 'e2', outcome: 'ok' },
				],
			});
			for (let i = 0; i < 5; i++) expect((await pool.complete(ASK)).attempts).toHaveLength(1);
			one.thaw();
			await callsUntil(pool, 'e1', 200);
		} finally {
			one.thaw();
			await Promise.all([one.stop(), two.stop()]);
		}
	});

	it('is left alone when it does not say how busy it is', async () => {
		const engines = [await startLlama('ci-text', START), await startLlama('ci-text', START)];
		const [one] = engines;
		const pool = poolOf(
			engines.map(({ url }) => ({ baseUrl: url, dialect: 'llamacpp' })),
			{ deadlines: { firstTokenMs: 600_000, silentMs: 600_000 } },
		);
		const stopper = new AbortController();
		try {
			await Promise.all([pool.complete(ASK), pool.complete(ASK)]);
			one?.freeze();
			const stuck: Promise<unknown>[] = [];
			// Whoever chooses among several engines asks how busy they are, again after two seconds.
			for (let i = 0; i < 200 && (await pool.health())[0]?.breaker['ci-text'] !== 'open'; i++) {
				stuck.push(pool.complete(ASK, { signal: stopper.signal }).catch(() => undefined));
				await sleep(500);
			}
			stopper.abort();
			await Promise.all(stuck);
			for (let i = 0; i < 4; i++) expect((await pool.complete(ASK)).engine).toBe('e2');
		} finally {
			one?.thaw();
			await Promise.all(engines.map((engine) => engine.stop()));
		}
	});
});
