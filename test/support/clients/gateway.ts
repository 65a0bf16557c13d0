// A gateway on a port of its own, and behind it what the conformance tests of clients need: real llama.cpp servers for words,
// JSON and vectors, an engine that calls each tool it is given, and one that writes until its client leaves.
import { createServer } from 'node:http';
import { EnginePool } from '../../../lib/engine';
import { listen } from '../../../lib/gateway';
import { listenLocally } from '../listen';
import { startLlama } from '../llamaServer';
import { startObedientEngine, type ObedientEngine } from '../obedientEngine';

export const MODELS = {
	text: 'ci-text',
	tools: 'obedient',
	embedding: 'tiny-embed',
	endless: 'endless',
} as const;

export interface ClientGateway {
	/** Ends in /v1. */
	readonly url: string;
	/** Without /v1, for the clients of Anthropic. */
	readonly origin: string;
	readonly key: string;
	readonly tools: ObedientEngine;
	/** Resolves when one more client has left an answer of the endless model than this was called. */
	left(): Promise<void>;
	close(): Promise<void>;
}

export async function startClientGateway(): Promise<ClientGateway> {
	const key = 'conformance-key-0123456789';
	const [text, embedding, tools, endless] = await Promise.all([
		startLlama('ci-text', { temp: 0 }),
		startLlama('tiny-rerank', { embedding: true, pooling: 'mean', alias: MODELS.embedding }),
		startObedientEngine(),
		startEndlessEngine(),
	]);
	const engine = (name: string, url: string, dialect: 'llamacpp' | 'openai', models: object) =>
		({ name, dialect, baseUrl: url, models }) as const;
	const pool = new EnginePool([
		engine('text', text.url, 'llamacpp', { chat: MODELS.text }),
		engine('embedding', embedding.url, 'llamacpp', { embedding: MODELS.embedding }),
		engine('tools', `${tools.url}/v1`, 'openai', { chat: MODELS.tools }),
		engine('endless', `${endless.url}/v1`, 'openai', { chat: MODELS.endless }),
	]);
	const listener = await listen({ engines: pool, keys: [{ name: 'conformance', key }] }, { port: 0 });
	const origin = `http://127.0.0.1:${listener.port}`;
	return {
		url: `${origin}/v1`,
		origin,
		key,
		tools,
		left: endless.left,
		close: async () => {
			await listener.close(0);
			await pool.close();
			await Promise.all([text.stop(), embedding.stop(), tools.close(), endless.close()]);
		},
	};
}

/** Writes a word every 5 ms as long as somebody listens. */
async function startEndlessEngine() {
	let gone = 0;
	let waited = 0;
	const server = createServer((request, response) => {
		if (request.method === 'GET') {
			response.end(JSON.stringify({ object: 'list', data: [{ id: MODELS.endless, object: 'model' }] }));
			return;
		}
		request.resume();
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: MODELS.endless };
		const word = { index: 0, delta: { content: 'word ' }, finish_reason: null };
		const line = `data: ${JSON.stringify({ ...chunk, choices: [word] })}\n\n`;
		const timer = setInterval(() => response.write(line), 5);
		response.once('close', () => {
			clearInterval(timer);
			gone++;
		});
	});
	const left = async (): Promise<void> => {
		waited++;
		while (gone < waited) await new Promise((resolve) => setTimeout(resolve, 5));
	};
	return { ...(await listenLocally(server)), left };
}
