// Every connection that the pack opens passes the one function that asks n8n's egress filter: the operating system is asked which
// connections there are while each operation, sub-node, list and test of a credential waits for a server that says nothing.
import { connect, createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INodeType } from 'n8n-workflow';
import { OUTGOING } from '../../../../lib/support';
import { listIndexes } from '../../../../lib/vectorIndex';
import { ChatModel } from '../../../../nodes/ChatModel/ChatModel.node';
import { Chunker } from '../../../../nodes/Chunker/Chunker.node';
import { Embeddings } from '../../../../nodes/Embeddings/Embeddings.node';
import { readSettings } from '../../../../nodes/EngineGateway/settings';
import { serveOnPort } from '../../../../nodes/EngineGateway/ownPort';
import { Reranker } from '../../../../nodes/Reranker/Reranker.node';
import { fieldsOf } from '../../../../nodes/VectorStore/fields';
import { openSearcher } from '../../../../nodes/VectorStore/search';
import { searchIndexes } from '../../../../nodes/shared/lists/searchIndexes';
import { searchModels } from '../../../../nodes/shared/lists/searchModels';
import { localEngineApiTest } from '../../../../nodes/shared/runtime/credentialTest';
import { itemOf } from '../../../../nodes/shared/runtime/run';
import { type ContextOptions, contextOf } from '../../../support/nodeContext';
import { freePort } from '../../../support/listen';
import { useFolderForAll } from '../tenants/tenants';
import { prepare } from '../values/bases';
import { credentialsOf, runAgainst, waits } from '../cancel/waits';
import { connectionsOfProcess } from './processSockets';

jest.setTimeout(60_000);

/** A name, so that it is looked up: by n8n's filter, which returns the address that it has checked. */
const HOST = 'silent.example';
const MOST_MS = 5_000;

const open = new Set<Socket>();
const passed = new Set<Socket>();
/** The servers that n8n's filter was asked for, and the names that it was asked to look up. */
const asked: string[] = [];
const lookedUp: string[] = [];
let silent: Server;
let port = 0;
const note = (socket: unknown): void => void passed.add(socket as Socket);

const lookup = ((name: string, options: { all?: boolean }, callback: (...result: unknown[]) => void) => {
	lookedUp.push(name);
	if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
	else callback(null, '127.0.0.1', 4);
}) as unknown as LookupFunction;

const helpers = {
	getSecureEgressFilter: () => ({
		validateUrl: async (url: URL | string) => {
			asked.push(new URL(url).host);
			return { ok: true };
		},
		createSecureLookup: () => lookup,
	}),
};

useFolderForAll();
beforeAll(async () => {
	silent = createServer((socket) => {
		open.add(socket);
		socket.on('close', () => open.delete(socket));
		socket.on('error', () => undefined);
		socket.resume();
	});
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	port = (silent.address() as { port: number }).port;
	process.env.LOCAL_ENGINE_ADDRESSES = `http://${HOST}:${port}`;
	OUTGOING.subscribe(note);
	await prepare();
});
afterAll(() => {
	OUTGOING.unsubscribe(note);
	silent.close();
	for (const socket of open) socket.destroy();
	delete process.env.LOCAL_ENGINE_ADDRESSES;
});

/** Connections of this process to others that did not pass; those that the silent server holds lead here. */
function unknown(): number[] {
	const known = new Set([...passed].map(({ localPort }) => localPort));
	return connectionsOfProcess()
		.filter(({ localPort, remotePort }) => localPort !== port && remotePort !== 0 && !known.has(localPort))
		.map(({ remotePort }) => remotePort);
}

async function until(condition: () => boolean): Promise<void> {
	for (let waited = 0; !condition() && waited < MOST_MS; waited += 20) await sleep(20);
}

/** Looks at the connections of something while it waits for the server, then stops it. */
async function watch(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
	asked.length = lookedUp.length = 0;
	const stop = new AbortController();
	let isOver = false;
	const running = work(stop.signal)
		.catch((error: unknown) => error)
		.finally(() => (isOver = true));
	try {
		await until(() => open.size > 0 || isOver);
		if (isOver) throw new Error(`It asked nobody: ${JSON.stringify(await running)}`);
		expect(open.size).toBeGreaterThan(0);
		// The server may hear of a connection before its client does. One that never passes stays: nothing is answered.
		await until(() => unknown().length === 0);
		expect(unknown()).toEqual([]);
		expect(asked).toContain(`${HOST}:${port}`);
		expect(lookedUp).toContain(HOST);
	} finally {
		stop.abort();
		await hangUp(running);
	}
}

/** Ends the connections of what cannot be stopped, as often as it tries again. */
async function hangUp(running: Promise<unknown>): Promise<void> {
	const end = () => open.forEach((socket) => socket.destroy());
	const timer = setInterval(end, 20);
	await running;
	end();
	await until(() => open.size === 0);
	clearInterval(timer);
}

const linux = process.platform === 'linux' ? describe : describe.skip;

linux('what is looked at', () => {
	it('shows a connection that did not pass', async () => {
		const socket = connect(port, '127.0.0.1');
		await until(() => unknown().length > 0);
		expect(unknown()).toEqual([port]);
		socket.destroy();
		await until(() => unknown().length === 0);
	});

	it('shows one of a native library', async () => {
		const place = {
			backend: 'embedded',
			directory: 's3://bucket/a',
			storageOptions: {
				aws_access_key_id: 'a',
				aws_secret_access_key: 'abcd',
				aws_region: 'us-east-1',
				aws_endpoint: `http://127.0.0.1:${port}`,
				allow_http: 'true',
				client_max_retries: '0',
			},
		} as const;
		const work = listIndexes(place).catch((error: unknown) => error);
		await until(() => unknown().length > 0);
		expect(unknown()).toContain(port);
		await hangUp(work);
	});
});

linux('every connection passes the egress function', () => {
	it.each(waits)('of %s, to %s', async (name, server) => {
		await watch(async (signal) => await runAgainst(name, server, { host: HOST, port, signal, helpers }));
	});

	const engine = { localEngineApi: { id: '1', name: 'engine' } };
	const nodeWith = (options: Partial<ContextOptions>) =>
		contextOf({ node: { credentials: engine }, credentials: credentialsOf(HOST, port), helpers, ...options });
	const supplied = async (node: INodeType, options: Partial<ContextOptions>) => {
		const context = {
			...nodeWith(options),
			addInputData: () => ({ index: 0 }),
			addOutputData: () => undefined,
		};
		return (await node.supplyData?.call(context as never, 0))?.response as Record<
			string,
			(...given: unknown[]) => Promise<unknown>
		>;
	};
	const model = { mode: 'id', value: 'm' };

	const others: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
		'the chat model': async (signal) =>
			await (
				await supplied(new ChatModel(), { parameters: { model }, signal })
			).invoke?.('Hello', { signal }),
		'the embeddings': async (signal) =>
			await (
				await supplied(new Embeddings(), { parameters: { model, embedding: 'engine' }, signal })
			).embedQuery?.('Hello'),
		'the reranker': async (signal) =>
			await (
				await supplied(new Reranker(), { parameters: { model }, signal })
			).compressDocuments?.([{ pageContent: 'a', metadata: {} }], 'Hello'),
		'the vector store': async (signal) => {
			const parameters = { backend: 'qdrant', index: 'kb', mode: 'retrieve' };
			const context = nodeWith({ parameters, signal });
			return await openSearcher(itemOf(context, fieldsOf('retrieve'), 0), context as never);
		},
		'the chunker, with an engine that embeds': async (signal) =>
			await new Chunker().execute.call(
				nodeWith({
					parameters: { method: 'recursive', vectors: 'late', embedding: 'engine', textField: 'text' },
					credentials: credentialsOf(HOST, port, 'vllm'),
					items: [{ json: { text: 'One thing. Another thing.' } }],
					signal,
				}),
			),
		'the list of models': async () => await searchModels.call(nodeWith({}) as never),
		'the list of models on this machine': async () =>
			await searchModels.call(nodeWith({ node: { credentials: {} } }) as never),
		'the list of indexes': async () =>
			await searchIndexes.call({
				...nodeWith({}),
				getCurrentNodeParameter: () => 'qdrant',
			} as never),
		'the gateway': async (signal) => {
			const own = await freePort();
			const parameters: Record<string, unknown> = { serveAt: 'port', host: '127.0.0.1', port: own };
			const context = {
				...nodeWith({}),
				getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
			} as never;
			const served = await serveOnPort(context, await readSettings(context), () => undefined);
			try {
				// The caller is this process, too: its socket is none of the pack's.
				const caller = connect(own, '127.0.0.1');
				note(caller);
				const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] });
				caller.write(
					`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${own}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
				);
				await until(() => signal.aborted);
				caller.destroy();
			} finally {
				await served.close();
			}
		},
	};

	it.each(Object.entries(others))('of %s', async (_, work) => await watch(work));

	it('and the test of a credential asks before it connects', async () => {
		const requests: string[] = [];
		const blocked = Object.assign(new Error('restricted'), { name: 'SsrfBlockedError' });
		const request = async ({ uri }: { uri: string }) => {
			requests.push(uri);
			throw blocked;
		};
		const answer = await localEngineApiTest.call(
			{ helpers: { request } } as never,
			{ id: '1', name: 'a', type: 'x', data: credentialsOf(HOST, port)('localEngineApi', 0) } as never,
		);
		expect(answer).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('restricted') as string,
		});
		expect(requests).toEqual([`http://${HOST}:${port}`]);
		expect(open.size).toBe(0);
	});
});
