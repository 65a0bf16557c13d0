// What happens to a real Qdrant: others change it, it is killed, frozen, goes back to a snapshot, limits and refuses. One that QDRANT_BIN
// starts; with QDRANT_URL only what can be done to a server that is not ours.
import { setTimeout as sleep } from 'node:timers/promises';
import { syncAll, type IngestDocument, type SyncReport } from '../../../lib/ingest';
import {
	createIndex,
	dropIndex,
	type IndexAddress,
	IndexError,
	openIndex,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { startQdrant, type RealQdrant } from '../../support/qdrant/program';
import { WordEmbedder } from '../../support/wordEmbedder';
import { contentOf, differencesOf } from '../../unit/ingest/corpus';
import { staysTied } from '../../unit/ingest/tied';
import { conforms } from '../../unit/vectorIndex/conformance';
import { axis } from '../../unit/vectorIndex/data';
import {
	askServer,
	collectionsOf,
	hasStates,
	sharesServer,
	type SharedServer,
} from '../../unit/vectorIndex/states';
import { cloud, keepsWithinLimits, tight } from '../../unit/vectorIndex/strict';

jest.setTimeout(600_000);

const isOurs = !process.env.QDRANT_URL;
const started: RealQdrant[] = [];
let names = 0;
let url = process.env.QDRANT_URL ?? '';

/** A server set up with strict mode for its collections. */
async function startStrict(mode: { readonly [name: string]: unknown }): Promise<string> {
	const env = Object.entries(mode).map(([name, value]) => [
		`QDRANT__STORAGE__COLLECTION__STRICT_MODE__${name.toUpperCase()}`,
		String(value),
	]);
	const qdrant = await startQdrant({ env: Object.fromEntries(env) as Record<string, string> });
	started.push(qdrant);
	return qdrant.url;
}

const strict = { cloud: '', tight: '' };
beforeAll(async () => {
	if (!isOurs) return;
	const qdrant = await startQdrant();
	started.push(qdrant);
	({ url } = qdrant);
	strict.cloud = await startStrict(cloud);
	strict.tight = await startStrict(tight);
});
afterAll(async () => {
	for (const qdrant of started) await qdrant.stop();
});

const addressAt = (where: string): IndexAddress => ({
	backend: 'qdrant',
	url: where,
	name: `suite-${process.pid}-${Date.now().toString(36)}-${++names}`,
	...(process.env.QDRANT_API_KEY && { apiKey: process.env.QDRANT_API_KEY }),
});
const server: SharedServer = {
	newAddress: () => addressAt(url),
	ask: async (...request) => await askServer(url, ...request),
};

hasStates('an index on a real Qdrant', server.newAddress, async ({ name }, format) => {
	const [rows] = await collectionsOf(server, name);
	await server.ask('PATCH', `/collections/${rows}`, { metadata: { format } });
});
sharesServer('a real Qdrant that others use too', () => server);
staysTied('an index on a real Qdrant', server.newAddress);

const embedder = new WordEmbedder();
const documents = (version: 1 | 2): IngestDocument[] =>
	Array.from({ length: 300 }, (_, at) => ({
		source: `manual-${at}.md`,
		text: Array.from(
			{ length: 12 },
			(_, part) => `Valve ${at} part ${part} ${version === 2 && at % 3 === 0 ? 'closes' : 'opens'} at noon.`,
		).join('\n\n'),
	}));

async function newIndex(): Promise<VectorIndex> {
	const { model, dimensions, id } = await embedder.fingerprint();
	return await createIndex(server.newAddress(), { model, dimensions, fingerprint: id });
}

const store = async (index: VectorIndex, version: 1 | 2, signal?: AbortSignal): Promise<SyncReport> =>
	await syncAll(documents(version), {
		...{ index, embedder, chunking: { method: 'recursive', size: 40 }, mode: 'mirror' },
		...(signal && { signal }),
	});

async function failure(work: Promise<unknown>): Promise<IndexError> {
	const thrown: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (thrown instanceof IndexError) return thrown;
	throw new Error(`it did not fail as expected: ${String(thrown)}`);
}

describe('a real Qdrant', () => {
	it('goes back to an older snapshot of the rows: the next sync brings them up to date', async () => {
		const index = await newIndex();
		await store(index, 1);
		const { name } = await index.info();
		const [rows = ''] = await collectionsOf(server, name);
		const snapshot = (await server.ask('POST', `/collections/${rows}/snapshots`)) as { name: string };
		await store(index, 2);
		const expected = await contentOf(index);
		await index.delete({ filter: { source: { in: ['manual-1.md', 'manual-2.md'] } } });
		const location = `${url}/collections/${rows}/snapshots/${snapshot.name}`;
		await server.ask('PUT', `/collections/${rows}/snapshots/recover`, { location, priority: 'snapshot' });
		expect(differencesOf(await contentOf(index), expected).length).toBeGreaterThan(0);
		expect(await store(index, 2)).toMatchObject({ changed: 100, unchanged: 200, failures: 0 });
		expect((await contentOf(index)).rows).toEqual(expected.rows);
	});

	it('cuts off a row that is larger than it takes: the error says so, and the address is not blamed', async () => {
		const index = await newIndex();
		const metadata = { page: 'x'.repeat(33 * 1024 * 1024) };
		await expect(index.upsert([{ id: 'huge', source: 's', text: 'x', metadata }])).rejects.toThrow(
			/larger than the Qdrant server takes/,
		);
		expect(await index.count()).toBe(0);
	});

	it('has no graph for a few rows, and Info says none', async () => {
		const index = await newIndex();
		await index.upsert(Array.from({ length: 20 }, (_, i) => ({ source: 's', text: `row ${i}` })));
		expect(await index.info()).toMatchObject({ rows: 20, vectorIndex: 'none' });
	});

	it('limits the rate of writes: it is said, and that call can be made again', async () => {
		const index = await newIndex();
		await index.upsert([{ source: 's', text: 'first' }]);
		const { name } = await index.info();
		const [rows = ''] = await collectionsOf(server, name);
		await server.ask('PATCH', `/collections/${rows}`, {
			strict_mode_config: { enabled: true, write_rate_limit: 2 },
		});
		const many = Array.from({ length: 10 }, (_, i) => ({ source: 's', text: `row ${i}` }));
		const refused = await failure(
			(async () => {
				for (let i = 0; i < 20; i++)
					await index.upsert(many.map((row) => ({ ...row, text: `${row.text} ${i}` })));
			})(),
		);
		expect(refused).toMatchObject({
			kind: 'overloaded',
			message: expect.stringContaining('limits') as string,
		});
		await server.ask('PATCH', `/collections/${rows}`, { strict_mode_config: { enabled: false } });
		expect(await index.upsert(many)).toMatchObject({ written: 10 });
	});
});

// What needs a server of our own is left out only where the caller named another one.
if (isOurs) {
	conforms('a real Qdrant in strict mode', async () => addressAt(strict.cloud));
	keepsWithinLimits('an index on a real Qdrant with tight limits', () => addressAt(strict.tight));

	describe('a real Qdrant that fails', () => {
		const node = () => started[0]!.nodes[0]!;

		it.each([0.1, 0.3, 0.5, 0.7, 0.9])(
			'killed after %s of a sync: the next sync completes it',
			async (share) => {
				const undisturbed = await newIndex();
				const begin = performance.now();
				await store(undisturbed, 1);
				const duration = performance.now() - begin;
				const expected = await contentOf(undisturbed);
				const index = await newIndex();
				const running = store(index, 1).then(
					({ failures }) => failures,
					() => 'failed',
				);
				await sleep(duration * share);
				await node().kill();
				expect(await running).not.toBe(0);
				await node().restart();
				expect(await store(index, 1)).toMatchObject({ failures: 0 });
				expect(differencesOf(await contentOf(index), expected)).toEqual([]);
			},
		);

		it('frozen: a call that is cancelled ends at once, and nothing is written when the server goes on', async () => {
			const index = await newIndex();
			await store(index, 1);
			const stop = new AbortController();
			await node().kill('SIGSTOP');
			try {
				const running = failure(index.upsert([{ source: 'late', text: 'late' }], { signal: stop.signal }));
				await sleep(300);
				const cancelled = performance.now();
				stop.abort();
				expect((await running).kind).toBe('cancelled');
				expect(performance.now() - cancelled).toBeLessThan(5_000);
			} finally {
				await node().kill('SIGCONT');
			}
			await sleep(500);
			expect(await index.count({ source: 'late' })).toBe(0);
		});

		it('comes back with everything after it was killed between two calls', async () => {
			const index = await newIndex();
			await store(index, 2);
			const expected = await contentOf(index);
			const query = { mode: 'vector', vector: axis(embedder.dimensions, 1), limit: 5 } as const;
			await node().kill();
			expect((await failure(index.search(query))).kind).toBe('unreachable');
			await node().restart();
			expect(differencesOf(await contentOf(index), expected)).toEqual([]);
			const { name } = await index.info();
			await dropIndex({ ...addressAt(url), name }, name);
			expect((await failure(openIndex({ ...addressAt(url), name }))).kind).toBe('notFound');
		});
	});
}
