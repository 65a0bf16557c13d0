// What a name can stand for besides a live index: the rest of interrupted calls, another format, things of others.
import { connect } from '@lancedb/lancedb';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
	createIndex,
	createVersion,
	dropIndex,
	IndexError,
	listIndexes,
	listVersions,
	openIndex,
	restoreIndex,
	snapshotIndex,
	type IndexAddress,
	type IndexSettings,
} from '../../../lib/vectorIndex';
import { LocalEngineError } from '../../../lib/support';
import { QdrantStandIn } from '../../support/qdrant/server';
import { library } from './data';

jest.setTimeout(120_000);

const settings: IndexSettings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const standIn = new QdrantStandIn();
let url = '';
let directory = '';
let names = 0;

beforeAll(async () => {
	url = await standIn.start();
	directory = await mkdtemp(path.join(os.tmpdir(), 'states-'));
});
afterAll(async () => {
	await standIn.stop();
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

async function failure(work: Promise<unknown>): Promise<IndexError> {
	const thrown: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (thrown instanceof IndexError) return thrown;
	throw new Error(`it did not fail as expected: ${String(thrown)}`);
}

const ask = async (method: string, where: string, body?: object): Promise<Response> =>
	await fetch(url + where, {
		method,
		headers: { 'content-type': 'application/json' },
		...(body && { body: JSON.stringify(body) }),
	});

const collections = (name: string): string[] => {
	const { collections: all } = standIn.answer({ method: 'GET', path: '/collections', body: undefined }) as {
		collections: Array<{ name: string }>;
	};
	return all.map((each) => each.name).filter((each) => each.startsWith(name));
};

describe.each(['embedded', 'qdrant'] as const)('an index in %s', (backend) => {
	const newAddress = (): IndexAddress => {
		const name = `state-${++names}`;
		return backend === 'embedded' ? { backend, directory, name } : { backend, url, name };
	};

	async function setFormat(address: IndexAddress, format: number): Promise<void> {
		if (backend === 'qdrant') {
			const [rows] = collections(address.name);
			await ask('PATCH', `/collections/${rows}`, { metadata: { format } });
			return;
		}
		const catalog = await (await connect(directory)).openTable('catalog');
		const [row] = (await catalog.query().where(`key = '${address.name}'`).toArray()) as Array<{
			value: string;
		}>;
		const value = row!.value.replace(/"format":\d+/, `"format":${format}`);
		await catalog.update({ where: `key = '${address.name}'`, values: { value } });
	}

	it.each([
		[2, /newer version: update the pack/],
		[0, /Install the version of the pack that made it/],
	])('of format %s is refused in words, and can be dropped', async (format, words) => {
		const address = newAddress();
		const index = await createIndex(address, settings);
		await index.upsert(library);
		await setFormat(address, format);
		for (const use of [
			openIndex(address),
			createIndex(address, settings, { ifExists: 'open' }),
			index.upsert(library),
		]) {
			expect(await failure(use)).toMatchObject({
				kind: 'unsupported',
				message: expect.stringMatching(words) as string,
			});
		}
		await dropIndex(address, address.name);
		expect(await listIndexes(address)).not.toContain(address.name);
	});

	it('that a restore was interrupted at is no index: it says so, and is made, restored or dropped', async () => {
		for (const next of ['create', 'restore', 'drop'] as const) {
			const address = newAddress();
			const half = await createVersion(address, settings, 'restore');
			await half.upsert(library.slice(0, 2));
			await half.manifest.put(new Map([['source:a', { state: 'ready' }]]));
			expect(await listIndexes(address)).not.toContain(address.name);
			const opening = await failure(openIndex(address));
			expect(opening).toMatchObject({ kind: 'notFound' });
			expect(opening.message).toContain('is incomplete: it is being created or restored');
			if (next === 'create') {
				const made = await createIndex(address, settings);
				expect(await made.count()).toBe(0);
				expect((await made.manifest.get(['source:a'])).size).toBe(0);
				expect(await listVersions(address)).toHaveLength(1);
			}
			if (next === 'restore') {
				const other = await createIndex(newAddress(), settings);
				await other.upsert(library);
				const restored = await restoreIndex(address, snapshotIndex(other));
				expect(await restored.count()).toBe(library.length);
				expect(await listVersions(address)).toHaveLength(1);
			}
			if (next === 'drop') await dropIndex(address, address.name);
			expect((await listIndexes(address)).includes(address.name)).toBe(next !== 'drop');
			const gone = await failure(half.upsert(library));
			expect(gone.kind).toBe('notFound');
		}
	});

	it('stays as it is when another restore takes over, and the first one says why it stopped', async () => {
		const address = newAddress();
		const index = await createIndex(address, settings);
		await index.upsert(library);
		const parts: Uint8Array[] = [];
		for await (const part of snapshotIndex(index)) parts.push(part);
		let interrupt: () => void = () => undefined;
		const held = new Promise<void>((resolve) => (interrupt = resolve));
		async function* slow(): AsyncGenerator<Uint8Array> {
			yield parts[0]!.subarray(0, 40);
			await held;
			yield parts[0]!.subarray(40);
			yield* parts.slice(1);
		}
		const target = newAddress();
		const first = failure(restoreIndex(target, slow()));
		// The first one has made its version when the name is said to be incomplete.
		for (let i = 0; !(await failure(openIndex(target))).message.includes('incomplete'); i++) {
			if (i > 50) break;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		await restoreIndex(target, [Buffer.concat(parts)]);
		interrupt();
		expect(['conflict', 'alreadyExists']).toContain((await first).kind);
		expect(await (await openIndex(target)).count()).toBe(library.length);
		expect(await listVersions(target)).toHaveLength(1);
	});

	it('passes an error of the reranker on as it is', async () => {
		const index = await createIndex(newAddress(), settings);
		await index.upsert(library);
		const error = new LocalEngineError('unreachable', 'The engine did not answer.');
		const query = { mode: 'keyword', text: 'cat', limit: 2 } as const;
		const rerank = (): Promise<never> => Promise.reject(error);
		await expect(index.search(query, { rerank })).rejects.toBe(error);
	});

	it('whose rows cannot be read to the end fails the reader of its snapshot, and nobody else', async () => {
		const index = await createIndex(newAddress(), settings);
		await index.upsert(library);
		const cancelled = new AbortController();
		const bytes = snapshotIndex(index, { signal: cancelled.signal });
		cancelled.abort();
		const reading = (async () => {
			for await (const part of bytes) expect(part.length).toBeGreaterThan(0);
		})();
		expect((await failure(reading)).kind).toBe('cancelled');
	});

	it('closes the file that a refused restore was given', async () => {
		const address = newAddress();
		await createIndex(address, settings);
		const file = new Readable({ read: () => undefined });
		expect((await failure(restoreIndex(address, file))).kind).toBe('alreadyExists');
		expect(file.destroyed).toBe(true);
		const other = Readable.from([Buffer.from('no snapshot')]);
		expect((await failure(restoreIndex(newAddress(), other))).kind).toBe('invalidQuery');
		expect(other.destroyed).toBe(true);
	});
});

describe('a Qdrant server that others use too', () => {
	const newAddress = (): IndexAddress => ({ backend: 'qdrant', url, name: `shared-${++names}` });

	it('has a collection of the name: nothing is made beside it, and the words say whose it may be', async () => {
		const address = newAddress();
		await ask('PUT', `/collections/${address.name}`, { vectors: { size: 4, distance: 'Cosine' } });
		for (const use of [
			createIndex(address, settings, { ifExists: 'open' }),
			createVersion(address, settings, 'restore'),
		]) {
			expect(await failure(use)).toMatchObject({
				kind: 'alreadyExists',
				message: expect.stringContaining('n8n’s own Qdrant node'.replace('’', "'")) as string,
			});
		}
		expect(await failure(openIndex(address))).toMatchObject({ kind: 'notFound' });
		expect(await failure(dropIndex(address, address.name))).toMatchObject({ kind: 'notFound' });
		expect(collections(address.name)).toEqual([address.name]);
	});

	it('has an alias of the name: it is not taken for an index, and the words say what to do', async () => {
		const address = newAddress();
		await ask('PUT', `/collections/${address.name}-other`, { vectors: { size: 4, distance: 'Cosine' } });
		await ask('POST', '/collections/aliases', {
			actions: [{ create_alias: { collection_name: `${address.name}-other`, alias_name: address.name } }],
		});
		const words = expect.stringContaining('Choose another index name, or remove the alias') as string;
		expect(await failure(createIndex(address, settings))).toMatchObject({ message: words });
		expect(await failure(openIndex(address))).toMatchObject({ kind: 'notFound', message: words });
		expect(collections(address.name)).toEqual([`${address.name}-other`]);
	});

	it('lost the rows of an index in its dashboard: the next one of the name begins with nothing', async () => {
		const address = newAddress();
		const index = await createIndex(address, settings);
		await index.manifest.put(new Map([['source:a', { state: 'ready', chunks: 3 }]]));
		await ask('DELETE', `/collections/${collections(address.name).find((each) => !each.endsWith('-keys'))}`);
		expect((await failure(openIndex(address))).message).toContain('is incomplete');
		const again = await createIndex(address, settings, { ifExists: 'open' });
		expect((await again.manifest.get(['source:a'])).size).toBe(0);
		expect(collections(address.name)).toHaveLength(2);
	});

	it('lost the manifest of an index: it opens, and what is written next makes it anew', async () => {
		const address = newAddress();
		const index = await createIndex(address, settings);
		await index.upsert(library);
		await ask('DELETE', `/collections/${collections(address.name).find((each) => each.endsWith('-keys'))}`);
		const opened = await openIndex(address);
		expect(await opened.count()).toBe(library.length);
		expect((await opened.manifest.get(['a'])).size).toBe(0);
		await opened.manifest.put(new Map([['a', 1]]));
		expect((await opened.manifest.get(['a'])).get('a')).toBe(1);
	});

	it('keeps the manifest on as many nodes as the rows', async () => {
		const address = newAddress();
		standIn.requests.length = 0;
		await createIndex(address, { ...settings, layout: { replicas: 2 } });
		const made = standIn.requests.filter(
			({ method, path }) => method === 'PUT' && /^\/collections\/[^/]+$/.test(path),
		);
		expect(made.map(({ body }) => (body as { replication_factor?: number }).replication_factor)).toEqual([
			2, 2,
		]);
	});
});
