/**
 * How long an outage of an engine lasts for its callers. First, a real llama.cpp server is killed and started again 40 seconds
 * later, with its type detected and with its type given, while a caller asks twice a second: from the server's first good
 * answer to its health check until a call is answered. Then, one of two machines is switched off (it takes no connection and
 * refuses none): what a call costs more than with the living one alone, after the call that finds out.
 */
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { median, quantile, startProcess } from './lib/measure.mjs';
import { moduleOf, root } from './lib/modules.mjs';

const ASK = { messages: [{ role: 'user', content: 'What is the capital of France?' }], maxTokens: 8 };
const MODEL = process.env.OUTAGE_GGUF ?? `${root}test/fixtures/gguf/ci-text.gguf`;
const BACK_WITHIN_MS = 2_000;
const SWITCHED_OFF_MS = 20;

export async function run({ quick, emit }) {
	for (const dialect of ['auto', 'llamacpp']) await back({ dialect, downMs: quick ? 10_000 : 40_000, emit });
	await switchedOff({ calls: quick ? 50 : 300, emit });
}

const poolOf = (engines) => {
	const { EnginePool } = moduleOf('engine');
	return new EnginePool(engines.map((engine, at) => ({ name: `engine ${at + 1}`, ...engine })));
};

async function back({ dialect, downMs, emit }) {
	let server = await startLlamaServer({ model: MODEL });
	if (!server) {
		console.error('Without a llama.cpp server (npm test installs one) the outage is not measured.');
		return;
	}
	const { url } = server;
	const pool = poolOf([{ baseUrl: url, dialect }]);
	const answered = [];
	const asking = new AbortController();
	const calls = [];
	try {
		await pool.complete(ASK);
		await server.kill();
		const caller = (async () => {
			for (; !asking.signal.aborted; await sleep(500)) {
				const call = pool.complete(ASK).then(
					() => answered.push(performance.now()),
					() => undefined,
				);
				calls.push(call);
			}
		})();
		await sleep(downMs);
		server = await startLlamaServer({ model: MODEL, port: Number(new URL(url).port) });
		const up = performance.now();
		while (answered.length === 0 && performance.now() - up < 120_000) await sleep(5);
		asking.abort();
		await caller;
		const ms = (answered[0] ?? Infinity) - up;
		emit({
			bench: 'outage',
			case: `down for ${downMs / 1_000} s, type ${dialect === 'auto' ? 'detected' : 'given'}: first answer after it is back`,
			unit: 'ms',
			ours: Math.max(0, Math.round(ms)),
			peer: BACK_WITHIN_MS,
			peerName: 'limit',
			ratio: round(BACK_WITHIN_MS / Math.max(ms, BACK_WITHIN_MS / 100)),
			goal: 1,
		});
	} finally {
		asking.abort();
		await Promise.allSettled(calls);
		await pool.close();
		await server.close();
	}
}

/**
 * A port that behaves as that of a machine that is switched off: its process is stopped and its queue of connections is full, so
 * that the kernel lets further ones wait.
 */
async function startDeadMachine() {
	const child = fork(fileURLToPath(new URL('lib/deadMachine.mjs', import.meta.url)));
	const [{ port }] = await once(child, 'message');
	child.kill('SIGSTOP');
	const full = Array.from({ length: 8 }, () =>
		connect({ host: '127.0.0.1', port }).on('error', () => undefined),
	);
	await sleep(200);
	return {
		url: `http://127.0.0.1:${port}`,
		stop: async () => {
			for (const socket of full) socket.destroy();
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		},
	};
}

async function switchedOff({ calls, emit }) {
	const alive = await startProcess(fileURLToPath(new URL('lib/pacedEngine.mjs', import.meta.url)));
	const dead = await startDeadMachine();
	const ask = { model: 'burst-1', messages: ASK.messages };
	try {
		for (const dialect of ['auto', 'openai']) {
			const pools = {
				ours: poolOf([
					{ baseUrl: dead.url, dialect },
					{ baseUrl: alive.url, dialect: 'openai', tier: 1 },
				]),
				alone: poolOf([{ baseUrl: alive.url, dialect: 'openai' }]),
			};
			const times = { ours: [], alone: [] };
			try {
				for (const pool of Object.values(pools)) await pool.complete(ask);
				for (let i = 0; i < calls; i++) {
					for (const [who, pool] of Object.entries(pools)) {
						const started = performance.now();
						await pool.complete(ask);
						times[who].push(performance.now() - started);
					}
					// longer than the probes' pauses in all, so that some calls fall into a probe
					await sleep(50);
				}
			} finally {
				await Promise.all(Object.values(pools).map((pool) => pool.close()));
			}
			const added = median(times.ours) - median(times.alone);
			const addedP99 = quantile(times.ours, 0.99) - quantile(times.alone, 0.99);
			for (const [name, ms] of [
				['median', added],
				['p99', addedP99],
			])
				emit({
					bench: 'outage',
					case: `one of two machines is switched off, type ${dialect === 'auto' ? 'detected' : 'given'}: added to a call, ${name}`,
					unit: 'ms',
					ours: round(ms),
					peer: SWITCHED_OFF_MS,
					peerName: 'limit',
					ratio: round(SWITCHED_OFF_MS / Math.max(ms, SWITCHED_OFF_MS / 100)),
					goal: 1,
				});
		}
	} finally {
		await Promise.all([alive.stop(), dead.stop()]);
	}
}

const round = (value) => Number(value.toPrecision(3));
