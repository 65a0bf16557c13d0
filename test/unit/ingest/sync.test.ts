import { setTimeout as sleep } from 'node:timers/promises';
import {
	sync,
	syncAll,
	type DocumentOutcome,
	type IngestDocument,
	type SyncOptions,
	type SyncReport,
} from '../../../lib/ingest';
import { EmbeddingError } from '../../../lib/embedding';
import type { CallContext } from '../../../lib/support';
import { MemoryIndex } from '../../support/memoryIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

const chunking: SyncOptions['chunking'] = { method: 'recursive', size: 60 };

function setUp(options: Partial<SyncOptions> = {}): {
	embedder: WordEmbedder;
	index: MemoryIndex;
	options: SyncOptions;
} {
	const embedder = new WordEmbedder();
	const index = new MemoryIndex(8, 'letters/8');
	return { embedder, index, options: { index, embedder, chunking, mode: 'add', ...options } };
}

async function collect(
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	options: SyncOptions,
	call?: CallContext,
): Promise<{ outcomes: DocumentOutcome[]; report: SyncReport }> {
	const outcomes: DocumentOutcome[] = [];
	const run = sync(documents, options, call);
	for (;;) {
		const result = await run.next();
		if (result.done === true) return { outcomes, report: result.value };
		outcomes.push(result.value);
	}
}

function statesOf(outcomes: readonly DocumentOutcome[]): Record<string, string> {
	return Object.fromEntries(outcomes.map(({ source, state }) => [source, state]));
}

function textOf(index: MemoryIndex, source: string): string {
	return [...index.rows.values()]
		.filter((row) => row.source === source)
		.sort((a, b) => (a.start ?? 0) - (b.start ?? 0))
		.map(({ text }) => text)
		.join('');
}

const paragraphs = (topic: string, count: number): string =>
	Array.from({ length: count }, (_, at) => `Paragraph ${at} is about ${topic}.`).join('\n\n');

describe('sync', () => {
	it('stores the chunks of each document with their offsets and says what it did', async () => {
		const { index, options } = setUp();
		const text = paragraphs('bees', 10);
		const { outcomes, report } = await collect(
			[{ source: 'bees.txt', text, metadata: { year: 2024 } }],
			options,
		);
		expect(outcomes).toEqual([{ source: 'bees.txt', state: 'added', chunks: index.rows.size, position: 0 }]);
		expect(report).toMatchObject({ added: 1, changed: 0, failures: 0, chunks: index.rows.size });
		for (const row of index.rows.values()) {
			expect(text.slice(row.start, row.end)).toBe(row.text);
			expect(row.metadata).toMatchObject({ year: 2024 });
		}
		expect(textOf(index, 'bees.txt')).toBe(text);
	});

	it('claims and settles many documents in a few commits', async () => {
		const { index, options } = setUp();
		// Nine groups of 2,000 chunks at 14 a document, three look-up batches.
		const documents = Array.from({ length: 1_250 }, (_, at) => ({
			source: `${at}`,
			text: `${paragraphs('bees', 20)} ${at}`,
		}));
		const { report } = await collect(documents, options);
		expect(report).toMatchObject({ added: 1_250, failures: 0 });
		// And what the index remembers of its embedding.
		expect(index.manifest.calls.put).toBeLessThanOrEqual(1 + 3 + 4);
		const rows = [...index.manifest.values].filter(([key]) => key.startsWith('source:'));
		expect(rows).toHaveLength(1_250);
		for (const [, row] of rows) expect(row).toMatchObject({ state: 'ready' });
	});

	it('spends one look-up and nothing else on unchanged documents', async () => {
		const { index, embedder, options } = setUp();
		const documents = Array.from({ length: 300 }, (_, at) => ({
			source: `${at}.txt`,
			text: paragraphs(`topic ${at}`, 3),
		}));
		await syncAll(documents, options);
		const rows = new Map(index.rows);
		const before = {
			upserts: index.calls.upsert,
			texts: embedder.texts.length,
			gets: index.manifest.calls.get,
		};
		const { outcomes, report } = await collect(documents, options);
		expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(['unchanged']));
		expect(report).toMatchObject({ added: 0, unchanged: 300, embedded: 0, chunks: 0 });
		expect(index.rows).toEqual(rows);
		expect(index.calls.upsert).toBe(before.upserts);
		expect(embedder.texts.length).toBe(before.texts);
		// One for what the index remembers of its settings, one for all documents.
		expect(index.manifest.calls.get - before.gets).toBe(2);
	});

	it('replaces a changed document and embeds only its new chunks', async () => {
		const { index, embedder, options } = setUp();
		const others = Array.from({ length: 20 }, (_, at) => ({
			source: `${at}.txt`,
			text: paragraphs(`topic ${at}`, 3),
		}));
		const text = paragraphs('bees', 30);
		await syncAll([...others, { source: 'bees.txt', text }], options);
		embedder.texts.length = 0;
		const changed = text.replace('Paragraph 29', 'The last paragraph');
		const { outcomes, report } = await collect([...others, { source: 'bees.txt', text: changed }], options);
		expect(statesOf(outcomes)['bees.txt']).toBe('changed');
		expect(report).toMatchObject({ changed: 1, unchanged: 20, failures: 0 });
		// The changed paragraph, and the one before it that no longer fits beside it.
		expect(embedder.texts.length).toBeLessThanOrEqual(2);
		expect(embedder.texts.at(-1)).toContain('The last paragraph');
		expect(textOf(index, 'bees.txt')).toBe(changed);
	});

	it('updates metadata and title without embedding anything', async () => {
		const { index, embedder, options } = setUp({ context: 'none' });
		const text = paragraphs('bees', 10);
		await syncAll([{ source: 'bees.txt', text, metadata: { year: 2024 } }], options);
		const vectors = [...index.rows.values()].map(({ vector }) => vector);
		embedder.texts.length = 0;
		const { report } = await collect(
			[{ source: 'bees.txt', text, metadata: { year: 2025 }, title: 'Bees' }],
			options,
		);
		expect(report).toMatchObject({ changed: 1, embedded: 0 });
		expect(embedder.texts).toEqual([]);
		expect([...index.rows.values()].map(({ vector }) => vector)).toEqual(vectors);
		for (const row of index.rows.values()) expect(row.metadata).toMatchObject({ year: 2025, title: 'Bees' });
	});

	it('embeds identical documents once', async () => {
		const { index, embedder, options } = setUp();
		const text = paragraphs('bees', 10);
		await syncAll(
			[
				{ source: 'a', text },
				{ source: 'b', text },
				{ source: 'c', text },
			],
			options,
		);
		expect(embedder.texts.length).toBe(index.rows.size / 3);
		expect(textOf(index, 'c')).toBe(text);
	});

	it('writes everything again when the chunking changes, leaving no old rows', async () => {
		const { index, options } = setUp();
		const documents = [
			{ source: 'a', text: paragraphs('bees', 20) },
			{ source: 'b', text: paragraphs('cats', 20) },
		];
		await syncAll(documents, options);
		const report = await syncAll(documents, { ...options, chunking: { method: 'recursive', size: 200 } });
		expect(report.changed).toBe(2);
		const fresh = setUp({ chunking: { method: 'recursive', size: 200 } });
		await syncAll(documents, fresh.options);
		expect(index.rows).toEqual(fresh.index.rows);
	});

	it('puts title and headings before a chunk for embedding and keyword search, not into its text', async () => {
		const { index, embedder, options } = setUp({ chunking: { method: 'markdown', size: 80 } });
		const text = '# Honey\n\n## Harvest\n\nIt is taken in summer, when the combs are capped.\n';
		await syncAll([{ source: 'a', text, title: 'Handbook' }], options);
		const row = [...index.rows.values()].find((each) => each.text.includes('summer'));
		expect(row?.context).toBe('Handbook > Honey > Harvest');
		expect(row?.text).not.toContain('Handbook');
		expect(embedder.texts).toContain(`Handbook > Honey > Harvest\n\n${row?.text}`);
	});

	it('knows the headings above a chunk for methods that do not look at them', async () => {
		const { index, options } = setUp();
		const text = `# Honey\n\n## Harvest\n\n${paragraphs('combs', 5)}`;
		await syncAll([{ source: 'a', text }], options);
		const row = [...index.rows.values()].find((each) => each.text.includes('Paragraph 3'));
		expect(row?.context).toBe('Honey > Harvest');
	});

	it('puts what a model says about a chunk before it, and does without where the model fails', async () => {
		const { index, embedder, options } = setUp();
		const text = paragraphs('bees', 10);
		const complete: SyncOptions['complete'] = async ({ user }) => {
			if (user.includes('Paragraph 9')) throw new Error('the model is out of order');
			return 'From the handbook on bees.';
		};
		await expect(syncAll([{ source: 'a', text }], { ...options, context: 'model' })).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
		const { outcomes } = await collect([{ source: 'a', text }], { ...options, context: 'model', complete });
		expect(outcomes[0]?.warnings).toEqual([expect.stringContaining('no context')]);
		const rows = [...index.rows.values()];
		expect(rows.filter(({ context }) => context === undefined).length).toBe(1);
		expect(rows[0]?.context).toBe('From the handbook on bees.');
		expect(embedder.texts[0]).toBe(`From the handbook on bees.\n\n${rows[0]?.text}`);
	});

	it('waits while a migration switches versions, without having claimed anything', async () => {
		const { index, options } = setUp();
		index.manifest.values.set('migration:switching', { until: Date.now() + 60_000 });
		const run = syncAll([{ source: 'a', text: 'text' }], options);
		await sleep(300);
		expect(index.rows.size).toBe(0);
		expect(index.manifest.values.has('source:a')).toBe(false);
		index.manifest.values.delete('migration:switching');
		expect(await run).toMatchObject({ added: 1 });
		expect(index.rows.size).toBe(1);
	});

	it('fails bad documents alone, each with a reason, and stores the others', async () => {
		const { index, options } = setUp({ limits: { textLength: 5000, metadataLength: 100 } });
		const bad: unknown[] = [
			{ source: 'empty', text: '  \n\t ' },
			{ source: 'number', text: 17 },
			{ source: 'huge', text: 'x'.repeat(5001) },
			{ source: 'junk', text: '\u0001\u0002\u0000\u0003'.repeat(100) },
			{ source: '', text: 'no name' },
			{ source: 'line\nbreak', text: 'odd name' },
			{ source: 'metadata', text: 'fine', metadata: [1, 2] },
			{ source: 'much metadata', text: 'fine', metadata: { a: 'x'.repeat(200) } },
			{ source: 'nothing' },
			null,
			{ source: 'unreadable', file: { data: failingFile() } },
		];
		const good = { source: 'good', text: paragraphs('bees', 3) };
		// Anything can come out of a flow: the types do not hold at run time.
		const { outcomes, report } = await collect(
			toDocuments([...bad.slice(0, 5), good, ...bad.slice(5)]),
			options,
		);
		expect(report).toMatchObject({ added: 1, failures: bad.length });
		expect(textOf(index, 'good')).toBe(good.text);
		expect(new Set([...index.rows.values()].map(({ source }) => source))).toEqual(new Set(['good']));
		const reasons = outcomes.filter(({ state }) => state === 'failed').map(({ reason }) => reason);
		expect(reasons).toEqual([
			expect.stringContaining('empty'),
			expect.stringContaining('of type number'),
			expect.stringContaining('5,001 characters'),
			expect.stringContaining('binary'),
			expect.stringContaining('no source'),
			expect.stringContaining('control characters'),
			expect.stringContaining('not a JSON object'),
			expect.stringContaining('at most 100'),
			expect.stringContaining('neither a text nor a file'),
			expect.stringContaining('not a document'),
			expect.stringContaining('disk on fire'),
		]);
		expect(outcomes.map(({ position }) => position).sort((a, b) => Number(a) - Number(b))).toEqual([
			...Array(12).keys(),
		]);
	});

	it('keeps control characters and NUL, and replaces half surrogate pairs one for one with a warning', async () => {
		const { index, options } = setUp({ chunking: { method: 'recursive', size: 1000 } });
		const text = 'bell \u0007, nul \u0000, half \ud83d pair, \r\n and a whole one \u{1f41d}.';
		const { outcomes } = await collect([{ source: 'a', text }], options);
		expect(outcomes[0]?.warnings).toEqual([expect.stringContaining('Half surrogate')]);
		expect(textOf(index, 'a')).toBe(text.replace(/\ud83d(?!\udc1d)/, '\ufffd'));
	});

	it('refuses a source that comes twice in one run and keeps the first', async () => {
		const { index, options } = setUp();
		const { outcomes } = await collect(
			[
				{ source: 'a', text: 'first text' },
				{ source: 'a', text: 'second text' },
			],
			options,
		);
		expect(outcomes.find(({ position }) => position === 1)).toMatchObject({
			state: 'failed',
			reason: expect.stringContaining('earlier in this run'),
		});
		expect(textOf(index, 'a')).toBe('first text');
	});

	it('removes what was not sent in mirror mode', async () => {
		const { index, options } = setUp({ mode: 'mirror' });
		await syncAll(
			[
				{ source: 'a', text: 'one' },
				{ source: 'b', text: 'two' },
			],
			options,
		);
		const { outcomes, report } = await collect([{ source: 'b', text: 'two' }], options);
		expect(statesOf(outcomes)).toEqual({ a: 'removed', b: 'unchanged' });
		expect(report.removed).toBe(1);
		expect([...index.rows.values()].map(({ source }) => source)).toEqual(['b']);
		expect([...index.manifest.values.keys()].filter((key) => key.startsWith('source:'))).toEqual([
			'source:b',
		]);
	});

	it('removes nothing in mirror mode after a failure or when no document came', async () => {
		const { index, options } = setUp({ mode: 'mirror' });
		await syncAll([{ source: 'a', text: 'one' }], options);
		const failing = await syncAll([{ source: 'b', text: '' }], options);
		expect(failing).toMatchObject({ removed: 0, removalSkipped: 'failures' });
		expect(await syncAll([], options)).toMatchObject({ removed: 0, removalSkipped: 'noDocuments' });
		expect(index.rows.size).toBe(1);
	});

	describe('in mirror mode when most documents were not sent', () => {
		const many = (from: number, to: number) =>
			Array.from({ length: to - from }, (_, at) => ({ source: `${from + at}`, text: `Note ${from + at}.` }));

		it('stores what was sent, removes nothing and says what to do', async () => {
			const { index, options } = setUp({ mode: 'mirror' });
			await syncAll(many(0, 20), options);
			// As a loop sends them, or a listing that was cut off.
			const outcomes: DocumentOutcome[] = [];
			const run = (async () => {
				for await (const outcome of sync(many(15, 25), options)) outcomes.push(outcome);
			})();
			await expect(run).rejects.toMatchObject({
				kind: 'removal',
				message: expect.stringMatching(
					/^15 of the 20 documents in the index were not sent \(75 %\), and at most 30 %.*Loop Over Items/,
				),
			});
			expect(outcomes).toHaveLength(10);
			expect(index.rows.size).toBe(25);
		});

		it('removes as many as it may, and any number where the guard is off or the index is small', async () => {
			const guarded = setUp({ mode: 'mirror' });
			await syncAll(many(0, 20), guarded.options);
			expect(await syncAll(many(6, 20), guarded.options)).toMatchObject({ removed: 6, unchanged: 14 });
			await expect(syncAll(many(11, 20), guarded.options)).rejects.toMatchObject({ kind: 'removal' });
			const off = { ...guarded.options, maxRemoved: 1 };
			expect(await syncAll(many(19, 20), off)).toMatchObject({ removed: 13, unchanged: 1 });
			const small = setUp({ mode: 'mirror' });
			await syncAll(many(0, 9), small.options);
			expect(await syncAll(many(8, 9), small.options)).toMatchObject({ removed: 8 });
			await expect(syncAll([], { ...small.options, maxRemoved: 30 })).rejects.toMatchObject({
				kind: 'invalidOptions',
			});
		});
	});

	it('tells in a preview what a run would do, and writes nothing', async () => {
		const { index, options } = setUp({ mode: 'mirror' });
		const sent = (changed: string) => [
			{ source: 'same', text: 'as before' },
			{ source: 'changed', text: changed },
		];
		await syncAll([...sent('one'), { source: 'gone', text: 'soon' }], options);
		const state = { rows: new Map(index.rows), manifest: new Map(index.manifest.values) };
		const next = [...sent('two'), { source: 'new', text: 'fresh' }, { source: 'bad', text: '' }];
		const preview = await collect(next.slice(0, 3), { ...options, preview: true });
		expect(statesOf(preview.outcomes)).toEqual({
			same: 'unchanged',
			changed: 'changed',
			new: 'added',
			gone: 'removed',
		});
		expect(preview.report).toMatchObject({ added: 1, changed: 1, unchanged: 1, removed: 1, embedded: 0 });
		expect(statesOf((await collect(next, { ...options, preview: true })).outcomes)).toMatchObject({
			bad: 'failed',
		});
		expect({ rows: index.rows, manifest: index.manifest.values }).toEqual(state);
		const real = await collect(next.slice(0, 3), options);
		expect(statesOf(real.outcomes)).toEqual(statesOf(preview.outcomes));
	});

	it('keeps the version that was there when a document changes into one that cannot be embedded', async () => {
		const { index, embedder, options } = setUp();
		await syncAll([{ source: 'a', text: 'good text' }], options);
		const state = { rows: new Map(index.rows), manifest: new Map(index.manifest.values) };
		embedder.refuse = (text) => {
			if (text.includes('poison')) throw new Error('too long for the model');
		};
		const documents = [
			{ source: 'a', text: `${paragraphs('bees', 3)} poison` },
			{ source: 'b', text: 'fine' },
		];
		const { outcomes } = await collect(documents, options);
		expect(statesOf(outcomes)).toEqual({ a: 'failed', b: 'added' });
		expect(outcomes.find(({ source }) => source === 'a')?.reason).toContain('too long for the model');
		expect(textOf(index, 'a')).toBe('good text');
		for (const [id, row] of state.rows) expect(index.rows.get(id)).toEqual(row);
		for (const [key, value] of state.manifest) expect(index.manifest.values.get(key)).toEqual(value);
		embedder.refuse = () => undefined;
		expect(await syncAll(documents, options)).toMatchObject({ changed: 1, unchanged: 1 });
		expect(textOf(index, 'a')).toBe(documents[0]?.text);
	});

	it('stops with a clear error when the embedder fails for every document', async () => {
		const { embedder, options } = setUp();
		embedder.refuse = () => {
			throw new Error('connect ECONNREFUSED');
		};
		const documents = Array.from({ length: 10 }, (_, at) => ({ source: `${at}`, text: 'text' }));
		await expect(syncAll(documents, options)).rejects.toMatchObject({
			kind: 'embedder',
			message: expect.stringContaining('ECONNREFUSED'),
		});
	});

	it('documents with a text that is too long for the model fail alone, by name, however many they are', async () => {
		const { embedder, index, options } = setUp();
		embedder.refuse = (text) => {
			if (text.startsWith('long'))
				throw new EmbeddingError('tooLong', 'Text 1 is longer than the model reads.');
		};
		const long = Array.from({ length: 5 }, (_, at) => ({ source: `long ${at}`, text: 'long' + at }));
		const { outcomes, report } = await collect([...long, { source: 'short', text: 'short' }], options);
		expect(report).toMatchObject({ added: 1, failures: 5 });
		expect(textOf(index, 'short')).toBe('short');
		const failed = outcomes.filter(({ state }) => state === 'failed');
		expect(failed.map(({ source }) => source)).toEqual(long.map(({ source }) => source));
		expect(failed[0]?.reason).toContain('longer than the model reads');
	});

	it('refuses an index of another embedding model and options that cannot work, before anything is written', async () => {
		const { options } = setUp();
		const index = new MemoryIndex(8, 'another');
		await expect(syncAll([{ source: 'a', text: 'x' }], { ...options, index })).rejects.toMatchObject({
			kind: 'drift',
		});
		const overlapping: SyncOptions = { ...options, chunking: { method: 'fixed', size: 10, overlap: 10 } };
		await expect(syncAll([{ source: 'a', text: 'x' }], overlapping)).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
	});

	it('writes a document again when its rows do not add up', async () => {
		const { index, options } = setUp();
		let losses = 2;
		const upsert = index.upsert.bind(index);
		index.upsert = async (points) => {
			const report = await upsert(points);
			const [first] = index.rows.keys();
			if (losses-- > 0 && first !== undefined) index.rows.delete(first);
			return report;
		};
		const text = paragraphs('bees', 10);
		const { outcomes } = await collect([{ source: 'a', text }], options);
		expect(outcomes[0]?.state).toBe('added');
		expect(textOf(index, 'a')).toBe(text);
	});

	it('gives one result when two runs sync the same documents at once', async () => {
		const { index, options } = setUp();
		const documents = Array.from({ length: 50 }, (_, at) => ({
			source: `${at}`,
			text: paragraphs(`topic ${at}`, 5),
		}));
		index.beforeUpsert = () => sleep(5);
		const [one, two] = await Promise.all([syncAll(documents, options), syncAll(documents, options)]);
		expect(one.failures + two.failures).toBe(0);
		const alone = setUp();
		await syncAll(documents, alone.options);
		expect(index.rows).toEqual(alone.index.rows);
	});

	it('keeps one whole version when two runs store different versions of a source at once', async () => {
		for (let round = 0; round < 5; round++) {
			const { index, options } = setUp();
			index.beforeUpsert = () => sleep(Math.random() * 5);
			const versions = [paragraphs('bees', 10), paragraphs('cats', 12)];
			const runs = await Promise.all(versions.map((text) => collect([{ source: 'a', text }], options)));
			const kept = runs.filter(({ report }) => report.added + report.changed === 1);
			expect(kept.length).toBeGreaterThan(0);
			expect(versions).toContain(textOf(index, 'a'));
		}
	});

	it('reads documents no faster than they are written, and stops reading when the consumer leaves', async () => {
		const { index, options } = setUp();
		let read = 0;
		let closed = false;
		async function* endless(): AsyncGenerator<IngestDocument> {
			try {
				for (;;) yield { source: `${read++}`, text: paragraphs('bees', 20) };
			} finally {
				closed = true;
			}
		}
		let written = 0;
		let most = 0;
		index.beforeUpsert = async () => {
			most = Math.max(most, read - written);
			await sleep(1);
		};
		for await (const { source } of sync(endless(), options)) {
			written = Number(source);
			if (written > 3000) break;
		}
		await sleep(20);
		const stopped = read;
		await sleep(20);
		expect(closed).toBe(true);
		expect(read).toBe(stopped);
		// Eight groups (half of them wait to be settled) of 2,000 chunks at 14 a document, and a look-up batch of 500 documents.
		expect(most).toBeLessThan(2000);
	});

	it('ends with the reason of the signal, also while the next document is being waited for', async () => {
		const { options } = setUp();
		const controller = new AbortController();
		async function* stuck(): AsyncGenerator<IngestDocument> {
			yield { source: 'a', text: 'text' };
			await new Promise(() => undefined);
		}
		setTimeout(() => controller.abort(new Error('stopped by the user')), 20);
		await expect(syncAll(stuck(), options, { signal: controller.signal })).rejects.toThrow(
			'stopped by the user',
		);
	});

	it('tells how far it is, how fast it goes and how long it will take', async () => {
		const { embedder, options } = setUp();
		jest.useFakeTimers({ doNotFake: ['setImmediate', 'setTimeout', 'nextTick', 'queueMicrotask'] });
		try {
			embedder.refuse = () => jest.advanceTimersByTime(100);
			const notes: string[] = [];
			const documents = Array.from({ length: 3000 }, (_, at) => ({ source: `${at}`, text: `text ${at}` }));
			await syncAll(documents, options, { onProgress: ({ note }) => notes.push(note ?? '') });
			expect(notes.length).toBeGreaterThan(10);
			expect(notes.some((note) => /1,0\d\d chunks embedded, 10 a second/.test(note))).toBe(true);
			expect(notes.some((note) => /about \d+ (min|s) left/.test(note))).toBe(true);
		} finally {
			jest.useRealTimers();
		}
	});
});

async function* failingFile(): AsyncGenerator<Uint8Array> {
	yield Buffer.from('some text');
	throw new Error('disk on fire');
}

function toDocuments(values: readonly unknown[]): IngestDocument[] {
	const documents: IngestDocument[] = JSON.parse('[]', () => values);
	return documents;
}
