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
import { library } from './data';

const settings: IndexSettings = { model: 'm', dimensions: 4, fingerprint: 'f' };

async function failure(work: Promise<unknown>): Promise<IndexError> {
	const thrown: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (thrown instanceof IndexError) return thrown;
	throw new Error(`it did not fail as expected: ${String(thrown)}`);
}

/** A Qdrant server as other programs use it. */
export interface SharedServer {
	/** An address nobody used yet. */
	readonly newAddress: () => IndexAddress;
	readonly ask: (method: string, path: string, body?: object) => Promise<unknown>;
}

/** @throws Error when the server refuses */
export async function askServer(url: string, method: string, path: string, body?: object): Promise<unknown> {
	const answer = await fetch(url + path, {
		method,
		headers: {
			'content-type': 'application/json',
			...(process.env.QDRANT_API_KEY && { 'api-key': process.env.QDRANT_API_KEY }),
		},
		...(body && { body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return (JSON.parse(text) as { result: unknown }).result;
}

/** Names of the collections that begin so, in order. */
export async function collectionsOf({ ask }: SharedServer, name: string): Promise<string[]> {
	const { collections } = (await ask('GET', '/collections')) as { collections: Array<{ name: string }> };
	return collections
		.map((each) => each.name)
		.filter((each) => each.startsWith(name))
		.sort();
}

/** @param setFormat changes the version of the format that is noted with an index */
export function hasStates(
	what: string,
	newAddress: () => IndexAddress,
	setFormat: (address: IndexAddress, format: number) => Promise<void>,
): void {
	describe(what, () => {
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
}

/** What others leave on a server. */
export function sharesServer(what: string, server: () => SharedServer): void {
	const newAddress = (): IndexAddress => server().newAddress();
	const ask: SharedServer['ask'] = async (...request) => await server().ask(...request);
	const collections = async (name: string): Promise<string[]> => await collectionsOf(server(), name);

	describe(what, () => {
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
			expect(await collections(address.name)).toEqual([address.name]);
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
			expect(await collections(address.name)).toEqual([`${address.name}-other`]);
		});

		it('lost the rows of an index in its dashboard: the next one of the name begins with nothing', async () => {
			const address = newAddress();
			const index = await createIndex(address, settings);
			await index.manifest.put(new Map([['source:a', { state: 'ready', chunks: 3 }]]));
			await ask(
				'DELETE',
				`/collections/${(await collections(address.name)).find((each) => !each.endsWith('-keys'))}`,
			);
			expect((await failure(openIndex(address))).message).toContain('is incomplete');
			const again = await createIndex(address, settings, { ifExists: 'open' });
			expect((await again.manifest.get(['source:a'])).size).toBe(0);
			expect(await collections(address.name)).toHaveLength(2);
		});

		it('lost the manifest of an index: it opens, and what is written next makes it anew', async () => {
			const address = newAddress();
			const index = await createIndex(address, settings);
			await index.upsert(library);
			await ask(
				'DELETE',
				`/collections/${(await collections(address.name)).find((each) => each.endsWith('-keys'))}`,
			);
			const opened = await openIndex(address);
			expect(await opened.count()).toBe(library.length);
			expect((await opened.manifest.get(['a'])).size).toBe(0);
			await opened.manifest.put(new Map([['a', 1]]));
			expect((await opened.manifest.get(['a'])).get('a')).toBe(1);
		});
	});
}
