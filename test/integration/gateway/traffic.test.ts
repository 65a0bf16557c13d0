// What an operator relies on: failover behind one address, a client's leaving, keys, batches, and a clean end.
import OpenAI, { NotFoundError } from 'openai';
import { sharedHost, type N8nClient } from '../../support/n8n';
import { freePort } from '../../support/llamaServer';
import { chunkOf, gatewayKey, publishGateway, startScripted, until, type ScriptedEngine } from './support';

let client: N8nClient;
const engines: ScriptedEngine[] = [];
const workflows: Array<{ stop(): Promise<void> }> = [];

beforeAll(async () => {
	({ client } = await sharedHost());
});
afterEach(async () => {
	await Promise.all(workflows.splice(0).map((workflow) => workflow.stop()));
	await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});

async function engine(answer: Parameters<typeof startScripted>[0]): Promise<ScriptedEngine> {
	const started = await startScripted(answer);
	engines.push(started);
	return started;
}

async function publish(...[name, behind, parameters]: [string, ScriptedEngine[], Record<string, unknown>]) {
	const workflow = await publishGateway(client, name, behind, parameters);
	workflows.push(workflow);
	return workflow;
}

const post = (url: string, body: unknown, init: RequestInit = {}) =>
	fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', authorization: `Bearer ${gatewayKey}` },
		body: JSON.stringify(body),
		...init,
	});

const ask = (word: string, stream = false) => ({
	model: 'scripted',
	stream,
	messages: [{ role: 'user', content: word }],
});

const answerAll: Parameters<typeof startScripted>[0] = (_request, response) => {
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	response.end(`${chunkOf({ role: 'assistant', content: 'fine' })}${chunkOf({}, 'stop')}data: [DONE]\n\n`);
};

describe.each(['webhook', 'port'] as const)('at its %s', (serveAt) => {
	const start = async (name: string, behind: ScriptedEngine[], more: Record<string, unknown> = {}) => {
		const port = await freePort();
		const path = `gateway-${name}/v1`;
		const workflow = await publish(`gateway ${name} ${serveAt}`, behind, {
			serveAt,
			path,
			port,
			exchanges: 'none',
			...more,
		});
		return {
			...workflow,
			url: serveAt === 'port' ? `http://127.0.0.1:${port}/v1` : `${client.url}/webhook/${path}`,
		};
	};

	it('answers from the next engine when the first is broken', async () => {
		const broken = await engine((_request, response) => {
			response.writeHead(500, { 'content-type': 'application/json' });
			response.end('{"error":{"message":"out of memory"}}');
		});
		const sound = await engine(answerAll);
		const { url } = await start('failover', [broken, sound]);
		for (const stream of [false, true]) {
			const response = await post(`${url}/chat/completions`, ask('hello', stream));
			expect(response.status).toBe(200);
			expect(response.headers.get('x-engine')).toBe(new URL(sound.url).host);
			expect(await response.text()).toContain('fine');
		}
	});

	it('stops the engine when the client leaves', async () => {
		const endless = await engine((_request, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			const timer = setInterval(() => response.write(chunkOf({ content: 'more ' })), 20);
			response.once('close', () => clearInterval(timer));
		});
		const { url } = await start('leaving', [endless]);
		const leave = new AbortController();
		const response = await post(`${url}/chat/completions`, ask('go on', true), { signal: leave.signal });
		const reader = response.body?.getReader();
		await reader?.read();
		expect(endless.open()).toBe(1);
		leave.abort();
		await until(() => endless.open() === 0);
	});

	it('sends the pieces as they come', async () => {
		let go = () => {};
		const slow = await engine((_request, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(chunkOf({ role: 'assistant', content: 'first' }));
			go = () => response.end(`${chunkOf({ content: ' second' })}${chunkOf({}, 'stop')}data: [DONE]\n\n`);
		});
		const { url } = await start('pieces', [slow]);
		const response = await post(`${url}/chat/completions`, ask('slowly', true));
		const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
		let seen = '';
		const readUntil = async (word: string) => {
			while (!seen.includes(word)) {
				const part = await reader?.read();
				if (!part || part.done) throw new Error(`The stream ended before "${word}": ${seen}`);
				seen += part.value;
			}
		};
		await readUntil('first');
		expect(seen).not.toContain('second');
		go();
		await readUntil('[DONE]');
		expect(seen).toContain(' second');
	});

	it('lets nobody in without a key, and answers in OpenAI’s shape', async () => {
		const { url } = await start('closed', [await engine(answerAll)]);
		const response = await post(`${url}/chat/completions`, ask('hello'), {
			headers: { 'content-type': 'application/json' },
		});
		expect(response.status).toBe(401);
		expect(JSON.parse(await response.text()).error.code).toBe('invalid_api_key');
		expect((await fetch(`${url}/health`)).status).toBe(200);
	});

	it('lets a changed key in and the old one out, without publishing again', async () => {
		const { url, changeKey } = await start('keys', [await engine(answerAll)]);
		const next = 'integration-key-of-tomorrow';
		const statusOf = async (bearer: string) => {
			const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
			return (await post(`${url}/chat/completions`, ask('hello'), { headers })).status;
		};
		expect(await statusOf(next)).toBe(401);
		await changeKey(next);
		await until(async () => (await statusOf(next)) === 200);
		expect(await statusOf(gatewayKey)).toBe(401);
	});

	it('says that nobody has a model, and which', async () => {
		const picky = await engine((_request, response) => {
			response.writeHead(404, { 'content-type': 'application/json' });
			response.end('{"error":{"message":"The model `gpt-9` does not exist.","type":"NotFoundError"}}');
		});
		const { url } = await start('missing', [picky]);
		const openai = new OpenAI({ apiKey: gatewayKey, baseURL: url });
		const failure: unknown = await openai.chat.completions
			.create({ model: 'gpt-9', messages: [{ role: 'user', content: 'hello' }] })
			.catch((thrown: unknown) => thrown);
		expect(failure).toBeInstanceOf(NotFoundError);
		expect(failure).toMatchObject({
			code: 'model_not_found',
			message: expect.stringMatching(/gpt-9/),
		});
	});

	it('starts the workflow for a batch, not for each exchange', async () => {
		const { url, id } = await start('batches', [await engine(answerAll)], {
			exchanges: 'batch',
			batchSize: 3,
			batchSeconds: 600,
		});
		for (const word of ['one', 'two', 'three', 'four'])
			await (await post(`${url}/chat/completions`, ask(word))).text();
		await until(async () => (await client.executions(id)).length === 1);
		const [{ id: execution }] = await client.executions(id);
		const { data } = await client.rest('GET', `/executions/${execution}`);
		expect(['one', 'two', 'three', 'four'].map((word) => data.includes(`"${word}"`))).toEqual([
			true,
			true,
			true,
			false,
		]);
	});

	it('is gone after the workflow is unpublished', async () => {
		const { url, stop } = await start('ending', [await engine(answerAll)]);
		expect((await post(`${url}/chat/completions`, ask('hello'))).status).toBe(200);
		await stop();
		workflows.pop();
		await until(async () => {
			const status = await post(`${url}/chat/completions`, ask('hello')).then(
				(response) => response.status,
				() => 'refused',
			);
			return status === 404 || status === 'refused';
		});
	});
});

it('does not open an address of the network without keys', async () => {
	const bare = await client.importWorkflow({
		id: `open${Date.now()}`,
		name: 'gateway open without keys',
		settings: {},
		nodes: [
			{
				id: 'g',
				webhookId: `open-${Date.now()}`,
				name: 'Engine Gateway',
				type: 'n8n-nodes-local-engine.engineGateway',
				typeVersion: 1,
				position: [0, 0],
				parameters: { serveAt: 'port', host: '0.0.0.0', port: await freePort() },
			},
		],
		connections: {},
	});
	await client.rest('POST', `/workflows/${bare.id}/activate`, { versionId: bare.versionId });
	// n8n starts triggers in the background and keeps what they throw
	await until(async () => {
		const status: unknown = await client.rest('GET', `/workflows/${bare.id}/publication-status`);
		return JSON.stringify(status).includes('open to the network');
	});
});
