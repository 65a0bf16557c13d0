/**
 * The gateway on its own port against a bare request to the same engine. Three processes: a scripted engine, the gateway, and this
 * load generator (undici, keep-alive). On a machine with fewer free cores than that the wall-clock figures are a lower bound;
 * "per CPU second" counts the gateway's own CPU time, which is what one core gives.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { startLiteLlm } from './lib/litellm.mjs';
import { quantile, startProcess } from './lib/measure.mjs';

const key = 'bench-key-0123456789';
const file = (name) => fileURLToPath(new URL(`lib/${name}`, import.meta.url));

export async function run({ quick, emit }) {
	const engine = await startProcess(file('scriptedEngine.mjs'));
	const gateway = await startProcess(file('gatewayProcess.mjs'), [`http://127.0.0.1:${engine.port}`, key]);
	const bare = new Pool(`http://127.0.0.1:${engine.port}`, { connections: 64, pipelining: 1 });
	const ours = new Pool(`http://127.0.0.1:${gateway.port}`, { connections: 64, pipelining: 1 });
	const seconds = quick ? 2 : 8;
	try {
		const both = [
			['bare', bare],
			['ours', ours],
		];
		for (const what of [
			{ name: 'collected answer', stream: false, tokens: 10, model: 'scripted', goal: 2000, cpuGoal: 5000 },
			{ name: 'stream of 50 chunks', stream: true, tokens: 50, model: 'scripted', goal: 1000, cpuGoal: 1000 },
			{
				name: 'stream of 50 chunks, a packet each',
				stream: true,
				tokens: 50,
				model: 'paced',
				goal: 1000,
				cpuGoal: 1000,
			},
		]) {
			const { name, goal, cpuGoal } = what;
			// Until the compiler is through: a gateway runs for months.
			for (const [, pool] of both) await inFlight(pool, what, 16, quick ? 3 : 6);

			// One at a time, taking turns, so that whatever else the machine does hits both alike.
			const times = { bare: [], ours: [] };
			for (let round = 0; round < (quick ? 500 : 3000); round++) {
				for (const [label, pool] of both) {
					const started = performance.now();
					await ask(pool, what);
					times[label].push(performance.now() - started);
				}
			}
			for (const [share, limit] of [
				[0.5, 0.5],
				[0.99, 3],
			]) {
				const added = quantile(times.ours, share) - quantile(times.bare, share);
				emit(figure(`${name}: added latency p${share * 100}`, 'ms', added, limit, 'limit', true, true));
			}

			const before = await figuresOf(gateway);
			const done = await inFlight(ours, what, 16, seconds);
			const after = await figuresOf(gateway);
			const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6;
			const peer = await inFlight(bare, what, 16, seconds / 2);
			emit(figure(`${name}: 16 in flight`, '1/s', done.rate, goal, 'limit', false, true));
			emit(
				figure(
					`${name}: 16 in flight, per CPU second of the gateway`,
					'1/s',
					done.count / cpu,
					cpuGoal,
					'limit',
					false,
					true,
				),
			);
			emit(
				figure(
					`${name}: 16 in flight, against bare requests`,
					'1/s',
					done.rate,
					peer.rate,
					'bare undici',
					false,
				),
			);
			emit(figure(`${name}: resident memory after`, 'MB', after.rss / 1e6, before.rss / 1e6, 'before', true));
		}
		for (const what of [
			{ name: 'collected answer', stream: false, tokens: 10, model: 'scripted' },
			{ name: 'stream of 50 chunks', stream: true, tokens: 50, model: 'scripted' },
		])
			await compareProtocols(ours, what, { quick, emit });
		if (quick) console.error('LiteLLM is compared without --quick only.');
		else await compareLiteLlm(`http://127.0.0.1:${engine.port}`, ours, emit);
	} finally {
		await Promise.all([bare.close(), ours.close()]);
		await Promise.all([engine.stop(), gateway.stop()]);
	}
}

const messages = [{ role: 'user', content: 'Say some words.' }];
/** How each protocol asks the same, and how an answer says that it is whole. */
const PROTOCOLS = {
	chat: {
		path: '/v1/chat/completions',
		body: (tokens) => ({ max_tokens: tokens, messages }),
		ends: ['"finish_reason":"stop"', '[DONE]'],
	},
	responses: {
		path: '/v1/responses',
		body: (tokens) => ({ max_output_tokens: tokens, input: messages }),
		ends: ['"status":"completed"', 'event: response.completed'],
	},
	messages: {
		path: '/v1/messages',
		body: (tokens) => ({ max_tokens: tokens, messages }),
		ends: ['"stop_reason":"end_turn"', 'event: message_stop'],
	},
};

async function ask(pool, { protocol = 'chat', stream, tokens, model }) {
	const { path, body, ends } = PROTOCOLS[protocol];
	const { statusCode, body: answer } = await pool.request({
		method: 'POST',
		path,
		headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
		body: JSON.stringify({ model, stream, ...body(tokens) }),
	});
	const text = await answer.text();
	const whole = text.includes(ends[stream ? 1 : 0]) && text.includes(`word${tokens - 1} `);
	if (statusCode !== 200 || !whole) throw new Error(`answer ${statusCode}: ${text.slice(0, 300)}`);
}

/** Responses and Messages against chat, in turns: how long a call takes, the engine's part included. */
async function compareProtocols(pool, what, { quick, emit }) {
	const names = Object.keys(PROTOCOLS);
	for (const protocol of names) await inFlight(pool, { ...what, protocol }, 8, quick ? 1 : 3);
	const times = Object.fromEntries(names.map((protocol) => [protocol, []]));
	for (let round = 0; round < (quick ? 500 : 3000); round++) {
		for (const protocol of names) {
			const started = performance.now();
			await ask(pool, { ...what, protocol });
			times[protocol].push(performance.now() - started);
		}
	}
	const limit = quantile(times.chat, 0.5) * 1.3;
	for (const protocol of names.slice(1))
		emit(
			figure(
				`${protocol}, ${what.name}: p50 of a call`,
				'ms',
				quantile(times[protocol], 0.5),
				limit,
				'1.3 × chat',
				true,
				true,
			),
		);
}

/** Requests a second through LiteLLM's proxy in front of the same engine, where Python is there. */
async function compareLiteLlm(engineUrl, ours, emit) {
	const started = await startLiteLlm({ engineUrl, key, models: ['scripted', 'paced'] });
	if (started.reason !== undefined) return console.error(`LiteLLM is left out: ${started.reason}`);
	const peer = new Pool(started.url, { connections: 64, pipelining: 1 });
	try {
		for (const what of [
			{ name: 'collected answer', stream: false, tokens: 10, model: 'scripted' },
			{ name: 'stream of 50 chunks', stream: true, tokens: 50, model: 'scripted' },
		])
			for (const width of [1, 16]) {
				await inFlight(peer, what, width, 4);
				const theirs = await inFlight(peer, what, width, 8);
				const mine = await inFlight(ours, what, width, 8);
				const row = figure(
					`${what.name}: ${width} in flight`,
					'1/s',
					mine.rate,
					theirs.rate,
					'LiteLLM',
					false,
				);
				emit({ ...row, goal: 8 });
			}
	} finally {
		await peer.close();
		await started.stop();
	}
}

/** Keeps `width` requests in flight for some seconds. */
async function inFlight(pool, what, width, seconds) {
	const started = performance.now();
	const until = started + seconds * 1000;
	let count = 0;
	await Promise.all(
		Array.from({ length: width }, async () => {
			while (performance.now() < until) {
				await ask(pool, what);
				count++;
			}
		}),
	);
	return { count, rate: (count * 1000) / (performance.now() - started) };
}

/** CPU time and memory of the gateway's process. */
async function figuresOf({ child }) {
	child.send('figures');
	return (await once(child, 'message'))[0];
}

/** `ratio` above 1: we are better; `limited`: `peer` is the limit that is to be kept to. */
function figure(name, unit, mine, peer, peerName, lowerIsBetter, limited = false) {
	const ratio = lowerIsBetter ? peer / Math.max(mine, peer / 100) : mine / peer;
	return {
		bench: 'gateway',
		case: name,
		unit,
		ours: mine,
		peer,
		peerName,
		ratio,
		...(limited ? { goal: 1 } : {}),
	};
}
