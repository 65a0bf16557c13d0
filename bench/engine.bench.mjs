/**
 * EnginePool against a bare undici request and against the clients people use (openai, @langchain/openai), on the same local
 * engine process. Ours and peers take turns within one run, so that whatever else the machine does hits all alike.
 */
import { ChatOpenAI } from '@langchain/openai';
import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { inLanes, liveBytes, quantile, startProcess, timed } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';

const messages = [{ role: 'user', content: 'Hello' }];

export async function run({ quick, emit }) {
	const { EnginePool } = moduleOf('engine');
	const engine = await startProcess(fileURLToPath(new URL('lib/pacedEngine.mjs', import.meta.url)));
	const pool = new EnginePool([{ dialect: 'openai', baseUrl: engine.url, name: 'local' }]);
	const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
	try {
		await addedLatency({ quick, emit, pool, agent, url: engine.url });
		await throughput({ quick, emit, pool, agent, url: engine.url });
		await memory({ quick, emit, pool });
	} finally {
		await pool.close();
		await agent.close();
		await engine.stop();
	}
}

const bodyOf = (model) =>
	JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } });

/** What a careful person would write by hand: undici, eventsource-parser, JSON.parse, nothing else. */
async function bareStream(agent, url, model, onText) {
	const { body } = await agent.request({
		origin: url,
		path: '/v1/chat/completions',
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: bodyOf(model),
	});
	const parser = createParser({
		onEvent({ data }) {
			if (data === '[DONE]') return;
			const text = JSON.parse(data).choices[0]?.delta.content;
			if (text) onText(text);
		},
	});
	body.setEncoding('utf8');
	for await (const text of body) parser.feed(text);
}

async function poolStream(pool, model, onText) {
	for await (const event of pool.chat({ model, messages })) if (event.type === 'text') onText(event.text);
}

/**
 * 64 streams in flight, a bare one or one of ours as the lot falls; 16 tokens each, 10 ms apart. Tokens carry the time they
 * were sent (one clock for both processes), so that the engine's own pace is not part of the figures: what is measured is
 * from the call to the engine having the request, and from each token being sent to the caller having it.
 */
async function addedLatency({ quick, emit, pool, agent, url }) {
	const model = 'stamped-16-10';
	const request = { bare: [], ours: [] };
	const token = { bare: [], ours: [] };
	const end = { bare: [], ours: [] };
	const one = async (who, keep) => {
		const started = process.hrtime.bigint();
		let stamps = 0;
		let last = 0n;
		let received = 0n;
		const onText = (text) => {
			const now = process.hrtime.bigint();
			for (const stamp of text.split(';')) {
				if (stamp === '') continue;
				const [got, sent] = stamp.split(':');
				stamps++;
				received = BigInt(got);
				last = BigInt(sent);
				if (keep) token[who].push(Number(now - last) / 1e6);
			}
		};
		await (who === 'bare' ? bareStream(agent, url, model, onText) : poolStream(pool, model, onText));
		if (stamps !== 16) throw new Error(`${who} lost tokens: ${stamps} of 16`);
		if (!keep) return;
		request[who].push(Number(received - started) / 1e6);
		end[who].push(Number(process.hrtime.bigint() - last) / 1e6);
	};
	const lot = () => (Math.random() < 0.5 ? 'bare' : 'ours');
	await inLanes(512, 64, () => one(lot(), false));
	await inLanes(quick ? 4_000 : 20_000, 64, () => one(lot(), true));
	for (const [what, times] of [
		['call to engine', request],
		['token to caller', token],
		['last token to end of call', end],
	]) {
		for (const [q, limit] of [
			[0.5, 0.2],
			[0.99, 1],
		]) {
			const added = quantile(times.ours, q) - quantile(times.bare, q);
			emit({
				bench: 'engine',
				case: `added to a bare request, ${what}, p${q * 100}, 64 in flight (bare ${quantile(times.bare, q).toFixed(3)} ms)`,
				unit: 'ms',
				ours: round(added),
				peer: limit,
				peerName: 'limit',
				ratio: round(limit / Math.max(added, limit / 100)),
				goal: 1,
			});
		}
	}
}

/** Streams of 200 tokens, 16 in flight, the engine faster than any client: tokens a second of CPU, which is one core. */
async function throughput({ quick, emit, pool, agent, url }) {
	const tokens = 200;
	const model = `burst-${tokens}`;
	const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
	const langchain = new ChatOpenAI({
		model,
		apiKey: 'none',
		maxRetries: 0,
		configuration: { baseURL: `${url}/v1` },
		streamUsage: true,
	});
	let characters = 0;
	const onText = (text) => (characters += text.length);
	const clients = {
		ours: () => poolStream(pool, model, onText),
		'ours, collected': async () => onText((await pool.complete({ model, messages })).text),
		'bare undici': () => bareStream(agent, url, model, onText),
		openai: async () => {
			const stream = await openai.chat.completions.create({
				model,
				messages,
				stream: true,
				stream_options: { include_usage: true },
			});
			for await (const chunk of stream) onText(chunk.choices[0]?.delta.content ?? '');
		},
		'@langchain/openai': async () => {
			for await (const chunk of await langchain.stream([['user', 'Hello']])) onText(String(chunk.content));
		},
	};
	const rates = Object.fromEntries(
		Object.keys(clients).map((name) => [name, { cpu: 0, wall: 0, streams: 0 }]),
	);
	const streams = {
		ours: 400,
		'ours, collected': 400,
		'bare undici': 400,
		openai: 150,
		'@langchain/openai': 60,
	};
	for (const client of Object.values(clients)) await inLanes(32, 16, client);
	for (let turn = 0; turn < (quick ? 4 : 12); turn++) {
		for (const [name, client] of Object.entries(clients)) {
			characters = 0;
			const { cpuSeconds, wallSeconds } = await timed(() => inLanes(streams[name], 16, client));
			const expected =
				streams[name] *
				Array.from({ length: tokens }, (_, i) => ` word${i % 100}`.length).reduce((a, b) => a + b, 0);
			if (characters !== expected)
				throw new Error(`${name} lost text: ${characters} of ${expected} characters`);
			rates[name].cpu += cpuSeconds;
			rates[name].wall += wallSeconds;
			rates[name].streams += streams[name];
		}
	}
	const perSecond = (name) => (rates[name].streams * tokens) / rates[name].cpu;
	for (const [peerName, goal] of [
		['openai', 1.5],
		['@langchain/openai', 1.5],
		['bare undici', undefined],
	]) {
		emit({
			bench: 'engine',
			case: 'tokens per CPU second, streams of 200 tokens, 16 in flight',
			unit: 'tokens/s',
			ours: Math.round(perSecond('ours')),
			peer: Math.round(perSecond(peerName)),
			peerName,
			ratio: round(perSecond('ours') / perSecond(peerName)),
			...(goal === undefined ? {} : { goal }),
		});
	}
	emit({
		bench: 'engine',
		case: 'the same, collected by complete()',
		unit: 'tokens/s',
		ours: Math.round(perSecond('ours, collected')),
		peer: Math.round(perSecond('openai')),
		peerName: 'openai, streamed',
		ratio: round(perSecond('ours, collected') / perSecond('openai')),
	});
}

/** Live bytes after 10,000 streams against after 2,000. */
async function memory({ quick, emit, pool }) {
	const model = 'burst-20';
	const some = (count) => inLanes(count, 64, () => poolStream(pool, model, () => {}));
	await some(2_000);
	const before = liveBytes();
	await some(quick ? 4_000 : 10_000);
	const grown = (liveBytes() - before) / 1e6;
	emit({
		bench: 'engine',
		case: `live memory grown over ${quick ? '4,000' : '10,000'} streams`,
		unit: 'MB',
		ours: round(grown),
		peer: 2,
		peerName: 'limit',
		ratio: round(2 / Math.max(grown, 0.02)),
		goal: 1,
	});
}

const round = (value) => Math.round(value * 1000) / 1000;
