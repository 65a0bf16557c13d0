import { readFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { builtinEmbedder, endBuiltinEncoder, tokenize, type EmbeddedText } from '../../../lib/embedding';
import { englishEncoder } from '../../../lib/embedding/encoderModel';

interface Fixtures {
	readonly tolerance: Readonly<Record<string, { max_abs?: number }>>;
	readonly fixtures: ReadonlyArray<{ kind?: string; text: string; ids: number[]; embedding: number[] }>;
}
const read = (model: string): Fixtures =>
	JSON.parse(readFileSync(path.join(__dirname, `../../../models/${model}/fixtures.json`), 'utf8'));

afterAll(() => endBuiltinEncoder());

async function collect(texts: AsyncIterable<EmbeddedText>): Promise<EmbeddedText[]> {
	const all: EmbeddedText[] = [];
	for await (const text of texts) all.push(text);
	return all;
}
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
	Math.max(...Array.from({ length: b.length }, (_, k) => Math.abs((a[k] ?? NaN) - (b[k] ?? NaN))));
const unit = (vector: ArrayLike<number>): number[] => {
	const length = Math.hypot(...Array.from(vector));
	return Array.from(vector, (x) => x / length);
};

describe.each([
	['english', 'minilm-int8', 'other runtime, threads or padded batch', 2],
	['multilingual', 'multilingual-e5-small', 'other runtime, threads or padded batch (field embedding)', 4],
] as const)('the %s encoder', (tier, model, runtime, specials) => {
	const { tolerance, fixtures } = read(model);
	// The fixtures' vectors are those of ONNX Runtime.
	const most = tolerance[runtime]?.max_abs ?? NaN;

	it('gives the vectors of the fixtures, in order', async () => {
		const embedder = builtinEmbedder({
			tier,
			onTooLong: 'truncate',
			maxTokens: tier === 'english' ? 256 : 512,
		});
		const documents = fixtures.filter(({ kind = 'passage' }) => kind === 'passage');
		expect(documents.length).toBeGreaterThan(40);
		const embedded = await collect(embedder.embedDocuments(documents.map((f) => f.text)));
		expect(embedded).toHaveLength(documents.length);
		embedded.forEach((own, i) => {
			const { ids, embedding } = documents[i] ?? { ids: [], embedding: [] };
			if (ids.length === specials) {
				// Nothing between the special tokens: the model's vector means nothing and is not handed out.
				expect(own).toMatchObject({ empty: true, tokens: specials });
				expect(own.vector.every((x) => x === 0)).toBe(true);
			} else {
				expect(largestDifference(own.vector, embedding)).toBeLessThanOrEqual(most);
				expect(own.tokens).toBe(ids.length);
			}
		});
	}, 120_000);

	it('embeds questions as its card says', async () => {
		const embedder = builtinEmbedder({ tier, onTooLong: 'truncate' });
		const questions = fixtures
			.filter(({ kind = 'query', ids }) => kind === 'query' && ids.length > specials)
			.slice(0, 8);
		for (const { text, embedding } of questions)
			expect(largestDifference(await embedder.embedQuery(text), embedding)).toBeLessThanOrEqual(most);
	}, 60_000);

	it('says what it was trained to see before a text', async () => {
		const { queryPrefix, documentPrefix, ...space } = await builtinEmbedder({ tier }).fingerprint();
		expect(space).toMatchObject({ model, dimensions: 384 });
		expect([queryPrefix, documentPrefix]).toEqual(
			tier === 'multilingual' ? ['query: ', 'passage: '] : ['', ''],
		);
	});
});

describe('a built-in encoder', () => {
	describe('given a text that is too long', () => {
		const long = 'The harbour master closed the port because of the storm. '.repeat(6).trim();

		it('averages pieces of equal length and says so', async () => {
			const embedder = builtinEmbedder({ tier: 'english', maxTokens: 40 });
			const [own] = await collect(embedder.embedDocuments([long]));
			const { starts, ids } = tokenize(long);
			expect(ids.length).toBe(66);
			// Two pieces of 33 tokens; each has three sentences.
			const half = long.slice(0, starts[33]);
			const rest = long.slice(starts[33]);
			const whole = builtinEmbedder({ tier: 'english' });
			const [a, b] = [await whole.embedQuery(half), await whole.embedQuery(rest)];
			expect(own).toMatchObject({ flag: 'averaged', tokens: 68 });
			expect(largestDifference(own?.vector ?? [], unit(a.map((x, k) => x + (b[k] ?? NaN))))).toBeLessThan(
				1e-5,
			);
		});

		it('cuts it and says so', async () => {
			const embedder = builtinEmbedder({ tier: 'english', maxTokens: 13, onTooLong: 'truncate' });
			const [own] = await collect(embedder.embedDocuments([long]));
			const first = await builtinEmbedder({ tier: 'english' }).embedQuery(
				'The harbour master closed the port because of the storm.',
			);
			expect(own).toMatchObject({ flag: 'truncated', tokens: 13 });
			expect(largestDifference(own?.vector ?? [], first)).toBeLessThan(1e-5);
		});

		it('fails when asked to', async () => {
			const embedder = builtinEmbedder({ tier: 'english', maxTokens: 40, onTooLong: 'fail' });
			await expect(collect(embedder.embedDocuments([long]))).rejects.toMatchObject({ kind: 'tooLong' });
		});

		it('refuses a whole book as one text instead of working on it for minutes', async () => {
			const embedder = builtinEmbedder({ tier: 'english' });
			await expect(embedder.embedQuery('word '.repeat(100_000))).rejects.toMatchObject({ kind: 'tooLong' });
		});
	});

	it('keeps the event loop free while it embeds', async () => {
		const embedder = builtinEmbedder({ tier: 'english' });
		const texts = Array.from(
			{ length: 60 },
			(_, i) => `chunk ${i}: ${'the harbour in the storm '.repeat(16)}`,
		);
		await embedder.embedQuery('warm');
		const delay = monitorEventLoopDelay({ resolution: 5 });
		delay.enable();
		await collect(embedder.embedDocuments(texts));
		delay.disable();
		// Not a speed limit: computed on this thread, the loop would stand still for the whole two seconds.
		expect(delay.max / 1e6).toBeLessThan(300);
	}, 30_000);

	it('computes a text once for a scope', async () => {
		const embedder = builtinEmbedder({ tier: 'english', cacheScope: 'test' });
		const run = jest.spyOn(englishEncoder.pool, 'run');
		const [one, two] = await collect(embedder.embedDocuments(['a text of its own', 'a text of its own']));
		await embedder.embedQuery('a text of its own');
		expect(two).toEqual(one);
		// The second asks before the first is answered; later ones find it.
		expect(run.mock.calls.length).toBeLessThanOrEqual(2);
		run.mockRestore();
	});

	it('says how fast it is and how long the rest takes', async () => {
		const notes: string[] = [];
		const embedder = builtinEmbedder({ tier: 'english' });
		const texts = Array.from({ length: 20 }, (_, i) => `progress of text ${i}`);
		await collect(
			embedder.embedDocuments(texts, {
				onProgress: ({ done, total, note }) => notes.push(`${done}/${total} ${note}`),
			}),
		);
		expect(notes).toHaveLength(20);
		expect(notes[0]).toBe('1/20 undefined');
		expect(notes[15]).toMatch(/^16\/20 [\d.]+ texts a second; left: about \d+ s$/);
	}, 20_000);

	it('stops reading when its consumer stops, and serves the next', async () => {
		const embedder = builtinEmbedder({ tier: 'english' });
		let read = 0;
		function* texts(): Generator<string> {
			for (;;) yield `endless text ${read++}`;
		}
		for await (const { tokens } of embedder.embedDocuments(texts())) if (tokens) break;
		expect(read).toBeLessThan(8);
		expect(await embedder.embedQuery('still here')).toHaveLength(384);
	});

	it('has another fingerprint than the other models', async () => {
		const english = await builtinEmbedder({ tier: 'english' }).fingerprint();
		const fast = await builtinEmbedder({ tier: 'fast' }).fingerprint();
		const multilingual = await builtinEmbedder({ tier: 'multilingual' }).fingerprint();
		expect(new Set([english.id, fast.id, multilingual.id]).size).toBe(3);
	});

	it.each([{ maxTokens: 513 }, { maxTokens: 2 }, { processes: 0 }, { tier: 'best' as 'fast' }])(
		'refuses %j',
		(options) => {
			expect(() => builtinEmbedder({ tier: 'english', ...options })).toThrow(
				expect.objectContaining({ kind: 'invalidOptions' }),
			);
		},
	);
});
