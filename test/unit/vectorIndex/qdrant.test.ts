import {
	createIndex,
	IndexError,
	openIndex,
	type IndexSettings,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { QdrantStandIn, type Exchange, type Fault } from '../../support/qdrant/server';
import { conforms } from './conformance';
import { axis, library } from './data';

// A busy machine takes its time for real files; nothing here asserts how long.
jest.setTimeout(120_000);

const standIn = new QdrantStandIn();
let url: string;
let count = 0;

beforeAll(async () => {
	url = await standIn.start();
});

afterAll(async () => {
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

const name = (): string => `suite-${process.pid}-${Date.now().toString(36)}-${++count}`;

conforms('qdrant', async () => ({ backend: 'qdrant', url, name: name() }));

it('the last one of a repeated id is stored, also when another one of it is being written at that moment', async () => {
	const index = await createIndex(
		{ backend: 'qdrant', url, name: name() },
		{ model: 'm', dimensions: 4, fingerprint: 'f' },
	);
	const row = (text: string) => ({ id: 'x', source: 's', text });
	const others = Array.from({ length: 300 }, (_, i) => ({ id: `r${i}`, source: 's', text: `row ${i}` }));
	await index.upsert([row('last')]);
	// A batch has 256 rows: the second "x" is looked up while the first is on its way.
	const report = await index.upsert([row('first'), ...others, row('last')]);
	expect(report).toMatchObject({ written: 302, unchanged: 0 });
	expect(await index.get(['x'])).toMatchObject([{ text: 'last' }]);
	expect(await index.upsert([row('last'), ...others, row('last')])).toMatchObject({
		written: 0,
		unchanged: 302,
	});
});

describe('what is stored already', () => {
	const settings: IndexSettings = { model: 'm', dimensions: 4, fingerprint: 'f' };
	const rows = (count: number, text = 'row') =>
		Array.from({ length: count }, (_, i) => ({ id: `r${i}`, source: 's', text: `${text} ${i}` }));
	const asks = (): number =>
		standIn.requests.splice(0).filter(({ method, path }) => method === 'POST' && path.endsWith('/points'))
			.length;

	it('is not asked for batch after batch while an index holds only what one call writes', async () => {
		const index = await createIndex({ backend: 'qdrant', url, name: name() }, settings);
		standIn.requests.splice(0);
		// A batch has 256 rows; the ones that come again are four batches away.
		expect(await index.upsert([...rows(1_200), ...rows(100)])).toMatchObject({
			written: 1_200,
			unchanged: 100,
		});
		expect(asks()).toBe(1);
	});

	it('is asked for with each batch of an index that held rows before', async () => {
		const index = await createIndex({ backend: 'qdrant', url, name: name() }, settings);
		await index.upsert([...rows(1), { id: 'other', source: 's', text: 'other' }]);
		await index.upsert(rows(700));
		standIn.requests.splice(0);
		expect(await index.upsert([...rows(700), ...rows(600, 'new')])).toMatchObject({
			written: 600,
			unchanged: 700,
		});
		expect(asks()).toBe(6);
	});

	it('is asked for where another one writes as well', async () => {
		const address = { backend: 'qdrant' as const, url, name: name() };
		const [index, other] = [await createIndex(address, settings), await openIndex(address)];
		async function* slowly() {
			yield* rows(256);
			await other.upsert([{ id: 'r600', source: 's', text: 'row 600' }]);
			yield* rows(700).slice(256);
		}
		standIn.requests.splice(0);
		expect(await index.upsert(slowly())).toMatchObject({ written: 699, unchanged: 1 });
		expect(asks()).toBe(4);
	});
});

describe('a Qdrant server that fails', () => {
	const settings: IndexSettings = { model: 'm', dimensions: 4, fingerprint: 'f' };
	let index: VectorIndex;

	beforeEach(async () => {
		index = await createIndex({ backend: 'qdrant', url, name: name() }, settings);
		await index.upsert(library);
	});

	afterEach(() => {
		standIn.fault = undefined;
	});

	/** Fails the first `times` requests whose path ends so. */
	function failing(end: string, times: number, fault: Fault): void {
		let left = times;
		standIn.fault = ({ path }: Exchange) => (path.endsWith(end) && left-- > 0 ? fault : undefined);
	}
	const search = (): Promise<unknown> => index.search({ mode: 'vector', vector: axis(4, 1), limit: 1 });
	const upserts = (): number[] =>
		standIn.requests.flatMap(({ method, path, body }) =>
			method === 'PUT' &&
			path.endsWith('/points') &&
			typeof body === 'object' &&
			body &&
			'points' in body &&
			Array.isArray(body.points)
				? [body.points.length]
				: [],
		);

	it('is asked again when the connection drops, the server is not ready, or a search times out', async () => {
		for (const fault of [
			'drop',
			{ status: 503, message: 'not ready' },
			{ status: 500, message: "Timeout error: Operation 'Search' timed out" },
		] as const) {
			failing('/points/query', 2, fault);
			expect(await search()).toMatchObject([{ id: 'cats' }]);
		}
	});

	it('is asked again after the time it names when it limits the rate', async () => {
		failing('/points/query', 1, {
			status: 429,
			message: 'Rate limiting exceeded',
			headers: { 'retry-after': '1' },
		});
		const started = Date.now();
		expect(await search()).toMatchObject([{ id: 'cats' }]);
		expect(Date.now() - started).toBeGreaterThanOrEqual(900);
	});

	it('is asked a bounded number of times', async () => {
		failing('/points/query', 1_000, { status: 503, message: 'never' });
		const before = standIn.requests.length;
		await expect(search()).rejects.toMatchObject({ kind: 'unreachable' });
		failing('/points/query', 1_000, { status: 429, message: 'limited', headers: { 'retry-after': '1' } });
		await expect(search()).rejects.toMatchObject({ kind: 'overloaded' });
		expect(standIn.requests.length - before).toBeLessThan(20);
	});

	it('gets half of what it finds too large, down to single rows', async () => {
		standIn.fault = ({ method, path, body }) =>
			method === 'PUT' &&
			path.endsWith('/points') &&
			typeof body === 'object' &&
			body &&
			'points' in body &&
			Array.isArray(body.points) &&
			body.points.length > 3
				? {
						status: 400,
						message: 'JSON payload (34603008 bytes) is larger than allowed (limit: 33554432 bytes).',
					}
				: undefined;
		standIn.requests.length = 0;
		const rows = Array.from({ length: 10 }, (_, i) => ({ id: `half-${i}`, source: 's', text: `row ${i}` }));
		expect(await index.upsert(rows)).toMatchObject({ written: 10 });
		expect(
			upserts()
				.filter((size) => size <= 3)
				.reduce((sum, size) => sum + size),
		).toBe(10);
		expect(await index.count({ source: 's' })).toBe(10);
		standIn.fault = ({ path, method }) =>
			method === 'PUT' && path.endsWith('/points') ? { status: 413, message: 'too large' } : undefined;
		await expect(index.upsert([{ id: 'one', source: 's', text: 'x' }])).rejects.toThrow(
			/larger than the Qdrant server takes/,
		);
	});

	it('cuts off a row that is larger than it takes: the error says so, and the address is not blamed', async () => {
		const metadata = { page: 'x'.repeat(33 * 1024 * 1024) };
		await expect(index.upsert([{ id: 'huge', source: 's', text: 'x', metadata }])).rejects.toThrow(
			/larger than the Qdrant server takes/,
		);
		expect(await index.count({ source: 's' })).toBe(0);
	});

	it('is not asked again for a mistake of ours, and its own words are passed on', async () => {
		failing('/points/query', 1_000, { status: 400, message: 'Wrong input: something is off' });
		const before = standIn.requests.length;
		await expect(search()).rejects.toMatchObject({
			kind: 'backend',
			message: expect.stringContaining('something is off'),
		});
		expect(standIn.requests.length - before).toBe(1);
	});

	it('says clearly that nobody listens, that the key is wrong, and that the address is none', async () => {
		await expect(
			openIndex({ backend: 'qdrant', url: 'http://127.0.0.1:9', name: 'x' }),
		).rejects.toMatchObject({ kind: 'unreachable' });
		await expect(openIndex({ backend: 'qdrant', url: 'not a url', name: 'x' })).rejects.toMatchObject({
			kind: 'invalidSettings',
		});
		const guarded = new QdrantStandIn('right');
		const address = { backend: 'qdrant', url: await guarded.start(), name: 'x' } as const;
		try {
			const error: unknown = await openIndex({ ...address, apiKey: 'wrong-secret' }).catch(
				(thrown: unknown) => thrown,
			);
			expect(error).toBeInstanceOf(IndexError);
			expect(error).toMatchObject({ kind: 'unauthorized' });
			expect(String(error)).not.toContain('wrong-secret');
			await createIndex({ ...address, apiKey: 'right' }, settings);
		} finally {
			await guarded.stop();
		}
	});

	it('vanishes in the middle of an upsert: a clear error, and the same call finishes the work when it is back', async () => {
		const vanishing = new QdrantStandIn();
		const address = await vanishing.start();
		const far = await createIndex({ backend: 'qdrant', url: address, name: 'far' }, settings);
		const rows = Array.from({ length: 2_000 }, (_, i) => ({ id: `v-${i}`, source: 's', text: `row ${i}` }));
		let batches = 0;
		vanishing.fault = ({ method, path }) => {
			if (method !== 'PUT' || !path.endsWith('/points') || ++batches < 4) return undefined;
			void vanishing.stop();
			return 'drop';
		};
		await expect(far.upsert(rows)).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/check its address and that it runs.*run it again/) as string,
		});
		vanishing.fault = undefined;
		await vanishing.start(Number(new URL(address).port));
		try {
			const kept = await far.count();
			expect(kept).toBeGreaterThan(0);
			expect(kept).toBeLessThan(rows.length);
			expect(await far.upsert(rows)).toMatchObject({ written: rows.length - kept, unchanged: kept });
			expect(await far.count()).toBe(rows.length);
		} finally {
			await vanishing.stop();
		}
	});

	it('is laid out as asked when the index is made', async () => {
		const layout = { shards: 3, replicas: 2, tenantField: 'customer.id' };
		standIn.requests.length = 0;
		const tenants = await createIndex(
			{ backend: 'qdrant', url, name: name() },
			{ ...settings, preset: 'lowMemory', layout },
		);
		const created = standIn.requests.find(
			({ method, body }) => method === 'PUT' && typeof body === 'object' && body && 'vectors' in body,
		);
		expect(created?.body).toMatchObject({
			shard_number: 3,
			replication_factor: 2,
			quantization_config: { turbo: { bits: 'bits4' } },
			sparse_vectors: { keywords: { modifier: 'idf' } },
		});
		expect(standIn.requests.map(({ body }) => body)).toContainEqual({
			field_name: 'metadata.customer.id',
			field_schema: { type: 'keyword', is_tenant: true },
		});
		await tenants.upsert([{ id: 't', source: 's', text: 'x', metadata: { customer: { id: 'acme' } } }]);
		expect(await tenants.count({ 'customer.id': 'acme' })).toBe(1);
		await expect(
			createIndex({ backend: 'qdrant', url, name: name() }, { ...settings, layout: { shards: 0 } }),
		).rejects.toMatchObject({ kind: 'invalidSettings' });
	});

	it('tunes by what is measured', async () => {
		const report = await index.tune({ targetRecall: 0.9, sample: 20 });
		expect(report).toMatchObject({ rows: 4, applied: { kind: 'none' } });
	});
});
