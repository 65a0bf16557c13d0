import {
	assertSameSpace,
	compareFingerprints,
	createEmbedder,
	knownPrefixes,
	PROBE_TEXTS,
	type EmbeddedText,
	type EmbeddingEngines,
} from '../../../lib/embedding';
import { StaticModel } from '../../../lib/embedding/fast/staticModel';
import type { EmbedOptions } from '../../../lib/engine';

let model: StaticModel;
beforeAll(async () => {
	model = await StaticModel.load();
});

interface Behaviour {
	readonly engineOf?: (call: number) => string;
	readonly vectorOf?: (text: string, engine: string) => Float32Array;
	readonly delay?: (texts: readonly string[]) => number;
	readonly modelName?: string;
}

/** Engines that embed with the static model and note what they were asked. */
function engines(behaviour: Behaviour = {}) {
	const asked: Array<{ texts: readonly string[]; options: EmbedOptions }> = [];
	let inFlight = 0;
	const state = { asked, most: 0, cancelled: 0 };
	const pool: EmbeddingEngines = {
		async embed(texts, options = {}, call = {}) {
			asked.push({ texts, options });
			state.most = Math.max(state.most, ++inFlight);
			const engine = call.engines?.[0] ?? behaviour.engineOf?.(asked.length) ?? 'one';
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, behaviour.delay?.(texts) ?? 0);
				call.signal?.addEventListener('abort', () => {
					clearTimeout(timer);
					state.cancelled++;
					resolve();
				});
			});
			inFlight--;
			const vectorOf = behaviour.vectorOf ?? ((text) => model.embedNow(text).vector);
			const vectors = texts.map((text) => vectorOf((options.prefix ?? '') + text, engine));
			return {
				vectors,
				flags: texts.map(() => undefined),
				model: options.model ?? behaviour.modelName ?? 'served-model',
				engine,
				dimensions: vectors[0]?.length ?? 0,
				usage: { promptTokens: 0 },
				attempts: [],
			};
		},
	};
	return { pool, state };
}

async function collect(texts: AsyncIterable<EmbeddedText>): Promise<EmbeddedText[]> {
	const all: EmbeddedText[] = [];
	for await (const text of texts) all.push(text);
	return all;
}
const numbered = (count: number): string[] =>
	Array.from({ length: count }, (_, i) => `document number ${i} about topic ${i * 7}`);
const documentsAsked = (state: { asked: Array<{ texts: readonly string[] }> }): string[][] =>
	state.asked.map(({ texts }) => [...texts]).filter((texts) => texts[0] !== PROBE_TEXTS[0]);

describe('an embedder over engines', () => {
	it('batches by count, keeps several requests in flight and the order of the texts', async () => {
		const { pool, state } = engines({
			delay: (texts) => (texts[0] === 'document number 0 about topic 0' ? 40 : 1),
		});
		const texts = numbered(100);
		const embedded = await collect(
			createEmbedder({ pool, batchSize: 16, concurrency: 3 }).embedDocuments(texts),
		);
		expect(embedded.map((e) => e.vector)).toEqual(texts.map((text) => model.embedNow(text).vector));
		expect(documentsAsked(state).map((batch) => batch.length)).toEqual([16, 16, 16, 16, 16, 16, 4]);
		expect(state.most).toBe(3);
	});

	it('closes a batch before it exceeds its tokens', async () => {
		const { pool, state } = engines();
		const countTokens = (text: string): number => text.split(' ').length;
		await collect(
			createEmbedder({ pool, batchTokens: 12, countTokens }).embedDocuments([
				'a b c d e',
				'f g h i j',
				'k l m',
				'n o',
			]),
		);
		expect(documentsAsked(state)).toEqual([
			['a b c d e', 'f g h i j'],
			['k l m', 'n o'],
		]);
	});

	it('asks for a text once, even across embedders of one pool', async () => {
		const { pool, state } = engines();
		const once = await collect(createEmbedder({ pool }).embedDocuments(numbered(5)));
		const again = await collect(createEmbedder({ pool }).embedDocuments([...numbered(5), 'a new one']));
		expect(again.slice(0, 5)).toEqual(once);
		expect(documentsAsked(state)).toEqual([numbered(5), ['a new one']]);
	});

	it('forgets the least recently used vectors when its cache is full', async () => {
		const { pool, state } = engines();
		const embedder = createEmbedder({ pool, cacheBytes: 3 * (1024 + 300) });
		for (const text of ['a1', 'a2', 'a3', 'a1', 'a4', 'a1', 'a2']) await embedder.embedQuery(text);
		expect(documentsAsked(state).flat()).toEqual(['a1', 'a2', 'a3', 'a4', 'a2']);
	});

	it('puts the prefixes a known model wants before questions and documents', async () => {
		const { pool, state } = engines();
		const embedder = createEmbedder({ pool, model: 'nomic-embed-text:v1.5' });
		const vector = await embedder.embedQuery('warranty');
		expect(vector).toEqual(model.embedNow('search_query: warranty').vector);
		await collect(embedder.embedDocuments(['warranty']));
		expect(state.asked.map(({ options }) => options.prefix)).toEqual([
			'search_document: ',
			'search_query: ',
			'search_document: ',
		]);
		expect(await embedder.fingerprint()).toMatchObject({
			queryPrefix: 'search_query: ',
			documentPrefix: 'search_document: ',
		});
	});

	it('finds the prefixes of a model that only the engine names', async () => {
		const { pool, state } = engines({ modelName: 'intfloat/e5-small-v2' });
		const embedder = createEmbedder({ pool });
		await collect(embedder.embedDocuments(['warranty']));
		expect(state.asked.at(-1)?.options.prefix).toBe('passage: ');
		expect(embedder.model).toBe('intfloat/e5-small-v2');
		expect((await embedder.fingerprint()).probes[0]?.[0]).toBeCloseTo(
			model.embedNow(`passage: ${PROBE_TEXTS[0]}`).vector[0] ?? NaN,
			4,
		);
	});

	it('uses the prefixes it is given instead, empty ones too', async () => {
		const { pool, state } = engines();
		await createEmbedder({ pool, model: 'nomic-embed-text', queryPrefix: '', documentPrefix: '' }).embedQuery(
			'warranty',
		);
		expect(state.asked.at(-1)?.options.prefix).toBe('');
	});

	describe('given a text that is too long', () => {
		const countTokens = (text: string): number => text.trim().split(/\s+/).length;
		const long = 'one two three four five six seven';

		it('fails by default and names the limit', async () => {
			const { pool } = engines();
			const run = collect(
				createEmbedder({ pool, maxTokens: 3, countTokens }).embedDocuments(['short', long]),
			);
			await expect(run).rejects.toMatchObject({
				kind: 'tooLong',
				message: expect.stringContaining('3 tokens'),
			});
		});

		it('cuts it and says so', async () => {
			const { pool } = engines();
			const [short, cut] = await collect(
				createEmbedder({ pool, maxTokens: 3, countTokens, onTooLong: 'truncate' }).embedDocuments([
					'short',
					long,
				]),
			);
			expect(short?.flag).toBeUndefined();
			expect(cut).toMatchObject({
				flag: 'truncated',
				tokens: 3,
				vector: model.embedNow('one two three').vector,
			});
		});

		it('averages its pieces by their length and says so', async () => {
			const { pool, state } = engines();
			const [mean] = await collect(
				createEmbedder({ pool, maxTokens: 3, countTokens, onTooLong: 'mean' }).embedDocuments([long]),
			);
			const pieces = documentsAsked(state)[0] ?? [];
			expect(pieces.join('')).toBe(long);
			expect(pieces.map(countTokens)).toEqual([3, 3, 1]);
			const sum = new Float64Array(256);
			pieces.forEach((piece) =>
				model.embedNow(piece).vector.forEach((x, k) => (sum[k] = (sum[k] ?? 0) + x * countTokens(piece))),
			);
			const length = Math.hypot(...sum);
			expect(mean?.flag).toBe('averaged');
			expect(
				Math.max(...[...sum].map((x, k) => Math.abs(x / length - (mean?.vector[k] ?? NaN)))),
			).toBeLessThan(1e-6);
		});

		it('never cuts a surrogate pair and always gets on', async () => {
			const { pool, state } = engines();
			const perUnit = (text: string): number => text.length;
			await collect(
				createEmbedder({ pool, maxTokens: 3, countTokens: perUnit, onTooLong: 'mean' }).embedDocuments([
					'😀😀😀😀',
				]),
			);
			expect(documentsAsked(state)[0]).toEqual(['😀', '😀', '😀', '😀']);
		});
	});

	it('does not send texts of white space; they are empty', async () => {
		const { pool, state } = engines();
		const embedded = await collect(createEmbedder({ pool }).embedDocuments(['', 'x', ' \n']));
		expect(embedded.map((e) => e.empty ?? false)).toEqual([true, false, true]);
		expect(documentsAsked(state)).toEqual([['x']]);
	});

	it('drops cached vectors when the model behind the name has changed', async () => {
		let suffix = '';
		const { pool } = engines({ vectorOf: (text) => model.embedNow(text + suffix).vector });
		const embedder = createEmbedder({ pool, model: 'm' });
		await embedder.embedQuery('a');
		suffix = ' quite another model';
		const now = Date.now();
		const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 11 * 60_000);
		expect(await embedder.embedQuery('a')).toEqual(model.embedNow('a quite another model').vector);
		clock.mockRestore();
	});

	it('believes the probes of an engine for ten minutes, unless they are asked for afresh', async () => {
		let suffix = '';
		const { pool } = engines({ vectorOf: (text) => model.embedNow(text + suffix).vector });
		const embedder = createEmbedder({ pool, model: 'm' });
		const before = await embedder.fingerprint();
		suffix = ' quite another model';
		expect(await embedder.fingerprint()).toBe(before);
		const now = await embedder.fingerprint({ fresh: true });
		expect(compareFingerprints(before, now).same).toBe(false);
		expect(await embedder.fingerprint()).toBe(now);
	});

	it('asks for the probe texts once, however many questions come at once', async () => {
		const { pool, state } = engines({ delay: () => 20 });
		const embedder = createEmbedder({ pool, model: 'm' });
		const questions = Array.from({ length: 30 }, (_, i) => `question ${i}`);
		await Promise.all(questions.map((question) => embedder.embedQuery(question)));
		const texts = state.asked.flatMap(({ texts: some }) => some);
		expect(texts.filter((text) => PROBE_TEXTS.includes(text))).toHaveLength(PROBE_TEXTS.length);
		expect(state.asked).toHaveLength(31);
	});

	it('one question that is cancelled meanwhile does not cancel the others', async () => {
		const { pool } = engines({ delay: () => 20 });
		const embedder = createEmbedder({ pool, model: 'm' });
		const stopper = new AbortController();
		const stopped = embedder.embedQuery('a', { signal: stopper.signal });
		const other = embedder.embedQuery('b');
		stopper.abort();
		await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
		expect(await other).toEqual(model.embedNow('b').vector);
	});

	it('when nobody waits for the probe texts any more, they are not embedded any longer', async () => {
		const { pool, state } = engines({ delay: () => 60_000 });
		const embedder = createEmbedder({ pool, model: 'm' });
		const stopper = new AbortController();
		const stopped = [0, 1].map((at) => embedder.embedQuery(`a ${at}`, { signal: stopper.signal }));
		const ends = Promise.allSettled(stopped);
		await new Promise((resolve) => setTimeout(resolve, 20));
		stopper.abort();
		expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		expect(state).toMatchObject({ cancelled: 1 });
		expect(state.asked).toHaveLength(1);
	});

	it('takes a model of other dimensions for what it is: another one', async () => {
		let vectorOf = (text: string): Float32Array => model.embedNow(text).vector;
		const { pool } = engines({ vectorOf: (text) => vectorOf(text) });
		const embedder = createEmbedder({ pool, model: 'm' });
		const before = await embedder.fingerprint();
		vectorOf = (text) => Float32Array.of(text.length, 1, 2);
		const now = Date.now();
		const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 11 * 60_000);
		const after = await embedder.fingerprint();
		clock.mockRestore();
		expect(after.dimensions).toBe(3);
		expect(() => assertSameSpace(before, after)).toThrow(expect.objectContaining({ kind: 'drift' }));
	});

	it('reports an answer of the wrong shape', async () => {
		let calls = 0;
		const { pool } = engines({
			vectorOf: () => new Float32Array(calls++ < PROBE_TEXTS.length ? 8 : 9).fill(1),
		});
		await expect(createEmbedder({ pool }).embedQuery('a')).rejects.toMatchObject({ kind: 'badAnswer' });
	});

	it('cancels what is in flight and stops reading when its consumer stops', async () => {
		const { pool, state } = engines({
			delay: ([first]) =>
				first?.startsWith('document') && first !== 'document number 0 about topic 0' ? 10_000 : 0,
		});
		let read = 0;
		let closed = false;
		function* texts(): Generator<string> {
			try {
				for (const text of numbered(1000)) {
					read++;
					yield text;
				}
			} finally {
				closed = true;
			}
		}
		const embedder = createEmbedder({ pool, batchSize: 1, concurrency: 2 });
		for await (const { empty } of embedder.embedDocuments(texts())) if (!empty) break;
		expect(closed).toBe(true);
		expect(read).toBeLessThan(8);
		expect(state.cancelled).toBeGreaterThan(0);
	}, 15_000);

	it('passes an error of a batch on and leaves nothing running', async () => {
		const { pool } = engines({
			vectorOf: (text) => {
				if (text.includes('number 20 ')) throw new Error('engine broke');
				return model.embedNow(text).vector;
			},
		});
		const seen: EmbeddedText[] = [];
		const run = async (): Promise<void> => {
			for await (const e of createEmbedder({ pool, batchSize: 8 }).embedDocuments(numbered(60))) seen.push(e);
		};
		await expect(run()).rejects.toThrow('engine broke');
		expect(seen).toHaveLength(16);
	});

	it.each([{ batchSize: 0 }, { concurrency: 1.5 }, { maxTokens: -1 }, { dimensions: 0 }])(
		'refuses %j',
		(options) => {
			expect(() => createEmbedder({ pool: engines().pool, ...options })).toThrow(
				expect.objectContaining({ kind: 'invalidOptions' }),
			);
		},
	);
});

describe('known prefixes', () => {
	it.each([
		['nomic-embed-text', 'search_query: ', 'search_document: '],
		['intfloat/multilingual-e5-base', 'query: ', 'passage: '],
		['BAAI/bge-small-en-v1.5', 'Represent this sentence for searching relevant passages: ', ''],
		['bge-m3', '', ''],
		['snowflake-arctic-embed2:latest', 'query: ', ''],
		['Snowflake/snowflake-arctic-embed-l-v2.0', 'query: ', ''],
		[
			'Snowflake/snowflake-arctic-embed-m-v1.5',
			'Represent this sentence for searching relevant passages: ',
			'',
		],
		['embeddinggemma:300m', 'task: search result | query: ', 'title: none | text: '],
		['all-minilm', '', ''],
	])('of %s are %j and %j', (name, queryPrefix, documentPrefix) => {
		expect(knownPrefixes(name)).toEqual({ queryPrefix, documentPrefix });
	});
});
