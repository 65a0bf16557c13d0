import { findLocalEngines, programOf } from '../../../lib/engine';
import { type Reply, replayServer } from './support/replayServer';
import { type RecordedEngine, transcript } from './support/transcripts';

const recorded = (engine: RecordedEngine, name: string): Reply => ({ transcript: transcript(engine, name) });

const OLLAMA: { readonly [path: string]: Reply } = {
	'/api/version': recorded('ollama', 'version'),
	'/v1/models': recorded('ollama', 'models'),
	'/api/tags': recorded('ollama', 'tags'),
	'/api/ps': recorded('ollama', 'ps-loaded'),
};
const LLAMA: { readonly [path: string]: Reply } = {
	'/props': recorded('llama-server', 'props'),
	'/v1/models': recorded('llama-server', 'models'),
};
const NOT_FOUND: Reply = { status: 404, body: { error: 'not found' } };
const LOCKED: Reply = { status: 401, body: { error: { message: 'a key is needed' } } };

/** Servers that stand where engines usually listen, and one port where nobody does. */
async function withServers(
	routes: ReadonlyArray<{ readonly [path: string]: Reply }>,
	otherwise: readonly Reply[],
	use: (addresses: string[], requests: () => number) => Promise<void>,
): Promise<void> {
	const servers = await Promise.all(
		routes.map((known, at) => replayServer(({ path }) => known[path] ?? otherwise[at] ?? NOT_FOUND)),
	);
	try {
		await use([...servers.map(({ url }) => url), 'http://127.0.0.1:9'], () =>
			servers.reduce((sum, { requests }) => sum + requests.length, 0),
		);
	} finally {
		await Promise.all(servers.map((server) => server.close()));
	}
}

describe('engines on this machine', () => {
	it('are found with their program and models; other programs and closed ports are left out', async () => {
		await withServers([OLLAMA, {}, LLAMA], [], async (addresses) => {
			const [ollama, , llama] = addresses;
			const { found, asked, refused } = await findLocalEngines({ addresses });
			expect(asked).toEqual(addresses);
			expect(refused).toEqual([]);
			expect(found).toEqual([
				expect.objectContaining({ baseUrl: ollama, dialect: 'ollama', needsKey: false }),
				expect.objectContaining({ baseUrl: llama, dialect: 'llamacpp', needsKey: false }),
			]);
			expect(found[0]?.models).toContain('tiny-chat:latest');
		});
	});

	it('that ask for a key are named all the same', async () => {
		await withServers([{}], [LOCKED], async (addresses) => {
			const { found } = await findLocalEngines({ addresses });
			expect(found).toEqual([{ baseUrl: addresses[0], dialect: 'auto', models: [], needsKey: true }]);
		});
	});

	it('are not asked where the egress filter refuses, and the refusal is told', async () => {
		await withServers([OLLAMA, LLAMA], [], async (addresses, requests) => {
			const [ollama, llama] = addresses;
			const checkUrl = (url: URL): void => {
				if (url.origin === ollama) throw new Error('not allowed');
			};
			const { found, refused } = await findLocalEngines({ addresses, checkUrl });
			expect(refused).toEqual([ollama]);
			expect(found.map(({ baseUrl }) => baseUrl)).toEqual([llama]);
			const before = requests();
			await findLocalEngines({ addresses: addresses.slice(0, 1), checkUrl });
			expect(requests()).toBe(before);
		});
	});

	it('are looked for at the addresses that LOCAL_ENGINE_ADDRESSES names', async () => {
		await withServers([OLLAMA], [], async ([ollama = '']) => {
			process.env.LOCAL_ENGINE_ADDRESSES = ` ${ollama} , not an address`;
			try {
				const { found, asked } = await findLocalEngines();
				expect(asked).toEqual([ollama]);
				expect(found.map(({ baseUrl }) => baseUrl)).toEqual([ollama]);
			} finally {
				delete process.env.LOCAL_ENGINE_ADDRESSES;
			}
		});
	});

	it('a cancelled search throws', async () => {
		await withServers([OLLAMA], [], async (addresses) => {
			await expect(
				findLocalEngines({ addresses, signal: AbortSignal.abort(new Error('stop')) }),
			).rejects.toThrow('stop');
		});
	});
});

it('programs are named as people write them', () => {
	expect([programOf('ollama'), programOf('llamacpp'), programOf('auto')]).toEqual([
		'Ollama',
		'llama.cpp',
		'An engine',
	]);
});
