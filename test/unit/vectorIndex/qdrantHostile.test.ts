import { OUTGOING, underSignal } from '../../../lib/support';
import { createServer, type Server, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIndex, listIndexes, type IndexAddress } from '../../../lib/vectorIndex';

const KEY = 'qdrant-key-"0815"/&';
const servers: Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

async function serve(listener: RequestListener): Promise<string> {
	const server = createServer(listener);
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const at = (url: string): IndexAddress => ({ backend: 'qdrant', url, apiKey: KEY, name: 'a' });
const settings = { model: 'm', dimensions: 2, fingerprint: 'f' };

async function failureOf(work: Promise<unknown>): Promise<Error> {
	return await work.then(
		() => {
			throw new Error('it did not fail');
		},
		(error: Error) => error,
	);
}

describe('a Qdrant server', () => {
	it('that redirects to another host gets no request carried there', async () => {
		const asked: string[] = [];
		const other = await serve((request, response) => {
			asked.push(JSON.stringify(request.headers));
			response.end('{}');
		});
		const url = await serve((request, response) => {
			response.writeHead(307, { location: `${other}${request.url ?? ''}` }).end();
		});
		const error = await failureOf(createIndex(at(url), settings));
		expect(error.message).toMatch(/redirects\. Enter the address/);
		expect(asked).toEqual([]);
	});

	it.each([
		['as it is', KEY],
		['in JSON', JSON.stringify(KEY)],
		['percent-encoded', encodeURIComponent(KEY)],
		['in base64', Buffer.from(`x:${KEY}`).toString('base64')],
	])('that shows its key, %s, shows it to nobody', async (_, shown) => {
		const url = await serve((_request, response) => {
			response.writeHead(400, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ status: { error: `bad header ${shown}` } }));
		});
		const error = await failureOf(listIndexes(at(url)));
		expect(error.message).toMatch(/bad header \S*\*\*\*/);
		expect(error.message).not.toContain('0815');
		expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(shown);
		expect(error.cause).toBeUndefined();
	});

	it('is asked only where n8n’s filter gives its leave', async () => {
		let asked = 0;
		const url = await serve((_request, response) => {
			asked++;
			response.end('{}');
		});
		const egress = {
			checkUrl: () => {
				throw new Error('restricted');
			},
		};
		const error = await failureOf(listIndexes({ backend: 'qdrant', url, egress }));
		expect(error).toMatchObject({
			kind: 'unauthorized',
			message: expect.stringMatching(/may not be asked.*restricted/),
		});
		expect(asked).toBe(0);
	});

	it('that never answers is left when the call is cancelled', async () => {
		const url = await serve((request, response) => {
			const answers: Record<string, unknown> = {
				'/collections': { collections: [{ name: 'n8n_a__1' }] },
			};
			const result = answers[request.url ?? ''];
			if (result !== undefined) response.end(JSON.stringify({ result }));
		});
		const cancel = new AbortController();
		setTimeout(() => cancel.abort(), 300);
		const { RestClient } = await import('../../../lib/vectorIndex/qdrant/rest.js');
		const client = new RestClient({ url });
		const error = await failureOf(underSignal(cancel.signal, () => client.getCollection('a')));
		expect(error).toMatchObject({ kind: 'cancelled' });
	});

	it('is asked over a socket that the pack knows of', async () => {
		const known: unknown[] = [];
		const note = (socket: unknown) => void known.push(socket);
		OUTGOING.subscribe(note);
		try {
			const url = await serve((_request, response) =>
				response.end('{"result":{"collections":[],"aliases":[]}}'),
			);
			await listIndexes(at(url));
			expect(known.length).toBeGreaterThan(0);
		} finally {
			OUTGOING.unsubscribe(note);
		}
	});
});
