import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtinEmbedder, type Embedder } from '../../../lib/embedding';
import { createIndex, listVersions, openIndex, type VectorIndex } from '../../../lib/vectorIndex';
import { EmbeddedIndex } from '../../../lib/vectorIndex/embedded/embeddedIndex';
import {
	assertIndexSpace,
	checkDrift,
	deletePoints,
	migrate,
	rollBack,
	syncAll,
	upsertRows,
	type IngestDocument,
	type SyncOptions,
} from '../../../lib/ingest';
import { runChild } from '../../support/child';
import { WordEmbedder } from '../../support/wordEmbedder';
import { contentOf, corpusOf, differencesOf, openTestIndex, syncOptions } from './corpus';

/** `npm test -- faults` kills 50 times. */
const kills = Number(process.env.KILLS ?? 10);

jest.setTimeout(120_000 + kills * 30_000);

let root = '';
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'ingest-migrate-'));
});
afterAll(async () => {
	await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const chunking: SyncOptions['chunking'] = { method: 'markdown', size: 250 };

function documents(count = 40): IngestDocument[] {
	return [...corpusOf(1)].slice(0, count);
}

function addressOf(name: string): { backend: 'embedded'; directory: string; name: string } {
	return { backend: 'embedded', directory: join(root, name), name: 'corpus' };
}

async function filled(name: string, embedder: Embedder): Promise<VectorIndex> {
	const { model, dimensions, id } = await embedder.fingerprint();
	const index = await createIndex(addressOf(name), {
		model,
		dimensions,
		fingerprint: id,
		preset: 'accurate',
	});
	await syncAll(documents(), { index, embedder, chunking, mode: 'add' });
	return index;
}

/** What readers can see of each row, whatever its id. White space at a document's end is in no row and not restored. */
async function textsOf(index: VectorIndex): Promise<string[]> {
	const rows: string[] = [];
	for await (const { source, start, text, context, metadata } of index.scan()) {
		rows.push(JSON.stringify([source, start, text.trimEnd(), context, metadata]));
	}
	return rows.sort();
}

describe('migrate', () => {
	it('rebuilds an index for another embedding model and other chunks, as if it had been built so', async () => {
		const index = await filled('model', new WordEmbedder());
		const before = await textsOf(index);
		const embedder = builtinEmbedder();
		const target = { method: 'recursive', size: 400 } as const;
		const [probe] = documents();
		const report = await migrate(addressOf('model'), {
			embedder,
			chunking: target,
			probes: [{ query: probe?.text?.slice(0, 300) ?? '', source: probe?.source ?? '' }],
		});
		expect(report).toMatchObject({
			state: 'switched',
			verification: { documents: 40, annRecall: 1, probeRecall: 1 },
			notice: expect.stringMatching(
				/changed from \S+ to static-minilm-256\..*Minimum Score.*has a score of [\d.]+ or more/,
			),
		});
		const fresh = await createIndex(addressOf('model-fresh'), await index.settings());
		const options = { embedder, chunking: target, mode: 'mirror' } as const;
		await syncAll(documents(), { ...options, index: fresh });
		expect(await textsOf(index)).toEqual(await textsOf(fresh));
		expect(await index.settings()).toMatchObject({ model: embedder.model, preset: 'accurate' });
		expect((await index.settings()).notes).toMatchObject({ modelBefore: new WordEmbedder().model });

		// The next sync of the same documents has nothing to do.
		expect(await syncAll(documents(), { ...options, index })).toMatchObject({ unchanged: 40, embedded: 0 });
		// The old embedder is refused from now on.
		await expect(
			syncAll(documents(), { ...options, index, embedder: new WordEmbedder() }),
		).rejects.toMatchObject({ kind: 'drift' });
		// Asked for again, it has nothing to do.
		expect(await migrate(addressOf('model'), { embedder, chunking: target })).toMatchObject({
			state: 'unchanged',
		});

		await rollBack(addressOf('model'));
		const old = await openIndex(addressOf('model'));
		expect(await textsOf(old)).toEqual(before);
	});

	it('carries over what is written meanwhile, and readers see no gap', async () => {
		const embedder = new WordEmbedder();
		const index = await filled('busy', embedder);
		const [first, second, third] = documents();
		if (!first || !second || !third) throw new Error('the corpus is empty');
		await index.upsert([
			{
				id: 'single',
				source: 'note',
				text: 'a note written by hand',
				vector: await embedder.embedQuery('a'),
			},
		]);

		let migrating = true;
		let queries = 0;
		let empty = 0;
		const reader = await openIndex(addressOf('busy'));
		const reading = (async () => {
			while (migrating) {
				const hits = await reader.search({ text: 'harbour storm', mode: 'keyword', limit: 5 });
				queries++;
				if (hits.length < 5) empty++;
			}
		})();
		// Slow enough that the writes below fall into the middle of the first pass.
		const slow = new WordEmbedder();
		let embedded = 0;
		const { promise: halfWay, resolve: isHalfWay } = Promise.withResolvers<void>();
		slow.refuse = () => {
			if (++embedded === 100) isHalfWay();
		};
		const migration = migrate(addressOf('busy'), {
			embedder: slow,
			chunking: { method: 'recursive', size: 400 },
		});
		await halfWay;
		const changed = { ...second, text: 'The second document says something else now.' };
		const added = { source: 'added', text: 'This document came while the index was migrated.' };
		await syncAll([first, changed, ...documents().slice(3), added], {
			index,
			embedder,
			chunking,
			mode: 'mirror',
		});
		const report = await migration;
		migrating = false;
		await reading;

		expect(report.state).toBe('switched');
		expect(queries).toBeGreaterThan(5);
		expect(empty).toBe(0);
		const sources = new Map<string, string>();
		for await (const { source, text } of index.scan()) sources.set(source, text);
		expect(sources.get('added')).toBe(added.text);
		expect(sources.get(second.source)).toBe(changed.text);
		expect(sources.has(third.source)).toBe(false);
		expect(sources.get('note')).toBe('a note written by hand');
	});

	it('waits at the switch for rows that are being changed and deleted by themselves', async () => {
		const old = new WordEmbedder('old', 8);
		const live = await filled('single', old);
		const row = async (id: string, text: string) => ({
			...{ id, source: 'notes', text, vector: await old.embedQuery(text) },
		});
		await live.upsert([await row('changed', 'as it was'), await row('deleted', 'as it was')]);
		const { version } = await live.info();
		// What they write goes to the version that was live when they began, and takes its time.
		const before = await openIndex({ ...addressOf('single'), version });
		const late = <T>(write: () => Promise<T>) => sleep(2_000).then(write);
		const slow = Object.assign(Object.create(before) as VectorIndex, {
			manifest: live.manifest,
			upsert: (...parameters: Parameters<VectorIndex['upsert']>) =>
				late(async () => await before.upsert(...parameters)),
			delete: (...parameters: Parameters<VectorIndex['delete']>) =>
				late(async () => await before.delete(...parameters)),
		});
		const writing: Array<Promise<unknown>> = [];
		const changed = await row('changed', 'as it is now');
		class Starting extends WordEmbedder {
			override async *embedDocuments(...parameters: Parameters<WordEmbedder['embedDocuments']>) {
				if (writing.length === 0)
					writing.push(upsertRows(slow, [changed]), deletePoints(slow, { ids: ['deleted'] }));
				yield* super.embedDocuments(...parameters);
			}
		}
		const embedder = new Starting('new', 16);
		expect(await migrate(addressOf('single'), { embedder, minRecall: 0 })).toMatchObject({
			state: 'switched',
		});
		await Promise.all(writing);
		const now = await openIndex(addressOf('single'));
		expect((await now.get(['changed', 'deleted'])).map(({ id, text }) => [id, text])).toEqual([
			['changed', 'as it is now'],
		]);
	});

	it('ends well though another document is stored during each of its passes', async () => {
		const old = new WordEmbedder('old', 8);
		const live = await filled('passes', old);
		let stored = 0;
		class Busy extends WordEmbedder {
			override async *embedDocuments(...parameters: Parameters<WordEmbedder['embedDocuments']>) {
				// As many as there are passes before writers have to wait.
				if (stored < 5) {
					const document = { source: `new-${stored++}.md`, text: 'Stored while the index is migrated.' };
					await syncAll([document], { index: live, embedder: old, chunking, mode: 'add' });
				}
				yield* super.embedDocuments(...parameters);
			}
		}
		const report = await migrate(addressOf('passes'), { embedder: new Busy('new', 16), minRecall: 0 });
		expect(report).toMatchObject({ state: 'switched' });
		expect(stored).toBe(5);
		const now = await openIndex(addressOf('passes'));
		expect((await now.info()).sources).toBe(45);
		expect(await now.count({ source: 'new-4.md' })).toBe(1);
	});

	it('ends well with twenty writes a second for its whole time, and loses none of them', async () => {
		const old = new WordEmbedder('old', 8);
		const live = await filled('twenty', old);
		const migrating = new AbortController();
		const written = new Map<string, string>();
		let waited = 0;
		const writing = (async () => {
			// Documents of the first version, new ones and single rows, one after the other: no faster than one at a time.
			for (let i = 0; !migrating.signal.aborted; i++) {
				const started = performance.now();
				const source = i % 2 === 0 ? `${i}.md` : (documents()[i % 40]?.source ?? '');
				const text = `Write ${i} during the migration.`;
				await syncAll([{ source, text }], { index: live, embedder: old, chunking, mode: 'add' }).then(
					({ failures }) => {
						// A document that straddles the switch may be told as failed; what is told as stored must be there.
						if (failures === 0) written.set(source, text);
						else written.delete(source);
					},
					// After the switch the old model is refused, and its documents belong to nobody.
					(thrown: unknown) => expect(thrown).toMatchObject({ kind: expect.stringMatching(/drift|moved/) }),
				);
				waited = Math.max(waited, performance.now() - started);
				await sleep(Math.max(0, 50 - (performance.now() - started)));
			}
		})();
		class Slow extends WordEmbedder {
			override async *embedDocuments(...parameters: Parameters<WordEmbedder['embedDocuments']>) {
				await sleep(300);
				yield* super.embedDocuments(...parameters);
			}
		}
		const report = await migrate(addressOf('twenty'), { embedder: new Slow('new', 16), minRecall: 0 });
		migrating.abort();
		await writing;
		expect(report).toMatchObject({ state: 'switched' });
		expect(written.size).toBeGreaterThan(10);
		expect(waited).toBeLessThan(30_000);
		const now = await openIndex(addressOf('twenty'));
		const texts = new Map<string, string>();
		for await (const { source, text } of now.scan()) texts.set(source, text);
		const lost = [...written].filter(([source, text]) => texts.get(source) !== text);
		expect(lost).toEqual([]);
	});

	it('says with both rates that an embedder cannot keep up, switches nothing, and goes on when it is run again', async () => {
		const old = new WordEmbedder('old', 8);
		const live = await filled('behind', old);
		const before = await live.info();
		let stored = 0;
		let busy = true;
		class Slower extends WordEmbedder {
			override async *embedDocuments(...parameters: Parameters<WordEmbedder['embedDocuments']>) {
				// The more there is to embed, the more is stored meanwhile.
				for (let i = 0; busy && i < 3; i++) {
					await sleep(120 * (1 + stored / 3));
					const source = `new-${stored++}.md`;
					await syncAll([{ source, text: `Stored while the index is migrated, ${source}.` }], {
						...{ index: live, embedder: old, chunking, mode: 'add' },
					});
				}
				yield* super.embedDocuments(...parameters);
			}
		}
		const options = { embedder: new Slower('new', 16), minRecall: 0, maxWaitMs: 1_000 };
		await expect(migrate(addressOf('behind'), options)).rejects.toMatchObject({
			kind: 'migration',
			message: expect.stringMatching(
				/[\d,.]+ documents per minute are stored in the index, and [\d,.]+ per minute are copied.*Nothing was switched.*goes on where it stopped/,
			),
		});
		expect((await (await openIndex(addressOf('behind'))).info()).version).toBe(before.version);
		busy = false;
		const report = await migrate(addressOf('behind'), options);
		expect(report).toMatchObject({ state: 'switched' });
		// Most documents were copied the first time.
		expect(report.embedded).toBeLessThan(40);
		const now = await openIndex(addressOf('behind'));
		expect((await now.info()).sources).toBe(40 + stored);
	});

	it('reads the documents it copies some at a time, not one by one', async () => {
		const old = new WordEmbedder('old', 8);
		const { model, dimensions, id } = await old.fingerprint();
		const index = await createIndex(addressOf('batches'), { model, dimensions, fingerprint: id });
		const many = Array.from({ length: 450 }, (_, i) => ({
			source: `${i}.md`,
			text: `Document number ${i}.`,
		}));
		await syncAll(many, { index, embedder: old, chunking, mode: 'add' });
		const scan = jest.spyOn(EmbeddedIndex.prototype, 'scan');
		await migrate(addressOf('batches'), { embedder: new WordEmbedder('new', 16), minRecall: 0 });
		const asked = scan.mock.calls.filter(([filter]) => JSON.stringify(filter ?? {}).includes('"in"'));
		scan.mockRestore();
		expect(asked.length).toBe(5);
		expect((await (await openIndex(addressOf('batches'))).info()).sources).toBe(450);
	});

	it('is refused while another one of the same index goes on, and neither throws away what the other one carried over', async () => {
		const old = new WordEmbedder('old', 8);
		const live = await filled('two', old);
		const outcomes = await Promise.allSettled(
			['one', 'two', 'two'].map(
				async (model) =>
					await migrate(addressOf('two'), { embedder: new WordEmbedder(model, 16), minRecall: 0 }),
			),
		);
		const refused = outcomes.filter(({ status }) => status === 'rejected');
		expect(refused).toHaveLength(2);
		for (const outcome of refused)
			expect(outcome).toMatchObject({
				reason: { kind: 'migration', message: expect.stringContaining('by another run at this moment') },
			});
		expect((await live.info()).sources).toBe(40);
		// It holds nobody up when it has ended.
		const next = { embedder: new WordEmbedder('three', 16), minRecall: 0 };
		expect(await migrate(addressOf('two'), next)).toMatchObject({ state: 'switched' });
	});

	it('does not switch from a version that is no longer live', async () => {
		const old = new WordEmbedder('old', 8);
		await filled('moved', old);
		await migrate(addressOf('moved'), { embedder: new WordEmbedder('middle', 16), minRecall: 0 });
		const embedder = new WordEmbedder('new', 16);
		const verify = embedder.embedQuery.bind(embedder);
		// Somebody rolls back while the new version is being verified.
		embedder.embedQuery = async (text) => {
			await rollBack(addressOf('moved'));
			return await verify(text);
		};
		const [first] = documents();
		const probes = [{ query: first?.text?.slice(0, 200) ?? '', source: first?.source ?? '' }];
		await expect(migrate(addressOf('moved'), { embedder, probes, minRecall: 0 })).rejects.toMatchObject({
			kind: 'conflict',
			message: expect.stringContaining('was switched to another version meanwhile'),
		});
		expect(await (await openIndex(addressOf('moved'))).settings()).toMatchObject({ model: 'old' });
	});

	it('names a document whose rows are gone, and what to do about it', async () => {
		const index = await filled('gone', new WordEmbedder());
		const [first] = documents();
		await index.delete({ filter: { source: first?.source ?? '' } });
		const options = { embedder: new WordEmbedder('new', 16), minRecall: 0 };
		await expect(migrate(addressOf('gone'), options)).rejects.toMatchObject({
			kind: 'migration',
			message: expect.stringContaining(`The document "${first?.source}" has no rows in the index`),
		});
		await syncAll(documents(), { index, embedder: new WordEmbedder(), chunking, mode: 'add' });
		expect(await migrate(addressOf('gone'), options)).toMatchObject({ state: 'switched' });
		expect((await (await openIndex(addressOf('gone'))).info()).sources).toBe(40);
	});

	it('keeps what a user calls page, record or line as it is, however large', async () => {
		const name = 'named';
		const old = new WordEmbedder('old', 8);
		const { model, dimensions, id } = await old.fingerprint();
		const index = await createIndex(addressOf(name), { model, dimensions, fingerprint: id });
		const metadata = { page: 4_711_000_123, record: 'R-1', line: 2 ** 40 };
		const text = 'A text of the user.';
		await syncAll([{ source: 'a', text, metadata }], { index, embedder: old, chunking, mode: 'add' });
		await migrate(addressOf(name), { embedder: new WordEmbedder('new', 16), minRecall: 0 });
		const rows: unknown[] = [];
		for await (const row of (await openIndex(addressOf(name))).scan()) rows.push(row.metadata);
		expect(rows).toEqual([expect.objectContaining(metadata)]);
		expect(Object.keys(rows[0] as object)).not.toContain('pageEnd');
	});

	it('switches nothing when the new version finds too little, and leaves the live one as it was', async () => {
		const index = await filled('probes', new WordEmbedder());
		const before = await textsOf(index);
		const { version } = await index.info();
		await expect(
			migrate(addressOf('probes'), {
				embedder: builtinEmbedder(),
				probes: [{ query: 'harbour', source: 'a document that is not there' }],
			}),
		).rejects.toMatchObject({ kind: 'migration', message: expect.stringContaining('Nothing was switched') });
		expect(await textsOf(index)).toEqual(before);
		expect((await index.info()).version).toBe(version);
	});

	it('goes on after being killed at any moment, in the version it had begun', async () => {
		const before = join(root, 'before');
		const index = await openTestIndex(before);
		await syncAll(corpusOf(1), await syncOptions(index));
		const undisturbed = join(root, 'undisturbed');
		await cp(before, undisturbed, { recursive: true });
		const child = join(__dirname, 'migrateChild.ts');
		const { ms } = await runChild(child, [undisturbed]);
		const expected = await contentOf(await openTestIndex(undisturbed));
		expect(expected.rows.size).toBeGreaterThan(1000);
		let killed = 0;
		for (let round = 0; round < kills; round++) {
			const directory = join(root, `round-${round}`);
			await cp(before, directory, { recursive: true });
			const killAfter = ((round + Math.random()) / kills) * ms;
			if ((await runChild(child, [directory], { killAfter })).killed) killed++;
			await runChild(child, [directory]);
			const address = { backend: 'embedded', directory, name: 'corpus' } as const;
			expect(differencesOf(await contentOf(await openIndex(address)), expected)).toEqual([]);
			expect((await listVersions(address)).length).toBe(2);
			await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
		}
		expect(killed).toBeGreaterThan(kills / 3);
	});
});

describe('checkDrift', () => {
	it('tells whether the embedder still gives the vectors of the first sync', async () => {
		const embedder = builtinEmbedder();
		const index = await filled('drift', embedder);
		expect(await checkDrift(index, embedder)).toMatchObject({
			same: true,
			unknown: false,
			cosine: expect.closeTo(1, 3),
		});
		// The same name, other vectors: an engine that loads another file.
		const moved: Embedder = Object.assign(Object.create(embedder), {
			fingerprint: async () => {
				const fingerprint = await embedder.fingerprint();
				return { ...fingerprint, probes: fingerprint.probes.map((probe) => [...probe].reverse()) };
			},
		});
		expect(await checkDrift(index, moved)).toMatchObject({ same: false });
		await expect(
			syncAll(documents(), { index, embedder: moved, chunking, mode: 'add' }),
		).rejects.toMatchObject({ kind: 'drift' });
		expect(await checkDrift(index, new WordEmbedder())).toMatchObject({ same: false, cosine: -1 });
	});

	it('knows an index that was written row by row too, and refuses a model that has moved under the same name', async () => {
		const embedder = builtinEmbedder();
		const { model, dimensions, id } = await embedder.fingerprint();
		const index = await createIndex(addressOf('rows'), { model, dimensions, fingerprint: id });
		expect(await checkDrift(index, embedder)).toMatchObject({ unknown: true, same: true });
		expect(await assertIndexSpace(index, embedder)).toMatchObject({ id });
		expect(await checkDrift(index, embedder)).toMatchObject({ unknown: false, same: true });
		const moved: Embedder = Object.assign(Object.create(embedder), {
			fingerprint: async () => {
				const fingerprint = await embedder.fingerprint();
				return { ...fingerprint, probes: fingerprint.probes.map((probe) => [...probe].reverse()) };
			},
		});
		await expect(assertIndexSpace(index, moved)).rejects.toMatchObject({
			kind: 'drift',
			message: expect.stringContaining('no longer gives the vectors') as string,
		});
		await expect(assertIndexSpace(index, new WordEmbedder())).rejects.toMatchObject({
			kind: 'drift',
			message: expect.stringContaining('migrate the index') as string,
		});
		// A sync adds how it cuts, and keeps the vectors of the first time.
		await syncAll(documents(3), { index, embedder, chunking, mode: 'add' });
		await expect(assertIndexSpace(index, moved)).rejects.toMatchObject({ kind: 'drift' });
	});
});
