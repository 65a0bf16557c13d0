// Late chunking against the real llama.cpp server: the engine's tokens, their places, and the vectors pooled from them.
import { chunkSync, embedLate, lateVectors } from '../../../lib/chunking';
import { EnginePool } from '../../../lib/engine';
import { describeLlama, type LlamaServer, startLlama } from '../../support/llamaServer';

const TEXT =
	'The old bridge crosses the river. Straße 東京 is written there 🎉 in gold. Nobody knows why! ' +
	'It was built in 1890 by two brothers. They never saw it finished.';

describeLlama('Late chunking on a real llama.cpp server', () => {
	let tokens: LlamaServer;
	let pooled: LlamaServer;
	const pools: EnginePool[] = [];
	const poolOf = (server: LlamaServer): EnginePool => {
		const pool = new EnginePool([{ name: 'llama', dialect: 'llamacpp', baseUrl: server.url }]);
		pools.push(pool);
		return pool;
	};
	beforeAll(async () => {
		[tokens, pooled] = await Promise.all([
			startLlama('tiny-rerank', { embedding: true, pooling: 'none' }),
			startLlama('tiny-rerank', { embedding: true, pooling: 'mean' }),
		]);
	});
	afterAll(async () => {
		await Promise.all(pools.map((pool) => pool.close()));
		await Promise.all([tokens.stop(), pooled.stop()]);
	});

	it('gives each chunk the mean of its own tokens, read with the whole text', async () => {
		const pool = poolOf(tokens);
		const chunks = [...chunkSync(TEXT, { method: 'sentence', size: 45 })];
		expect(chunks.length).toBeGreaterThan(3);
		const vectors = await lateVectors(TEXT, chunks, {
			tokenVectors: (text, call) => pool.tokenVectors(text, {}, call),
		});
		const whole = await pool.tokenVectors(TEXT);
		chunks.forEach(({ start, end }, index) => {
			const own = whole.vectors.filter((_, i) => {
				const offset = whole.offsets[i];
				return offset && offset.start >= start && offset.start < end;
			});
			expect(own.length).toBeGreaterThan(3);
			const mean = Array.from({ length: 64 }, (_, k) =>
				own.reduce((sum, vector) => sum + (vector[k] ?? 0), 0),
			);
			const length = Math.hypot(...mean);
			const cosine = mean.reduce((sum, value, k) => sum + (value / length) * (vectors[index]?.[k] ?? 0), 0);
			expect(cosine).toBeGreaterThan(0.9999);
		});
	});

	it('falls back, with a flag, for a window the engine cannot read', async () => {
		const [late, ordinary] = [poolOf(tokens), poolOf(pooled)];
		const long = TEXT.repeat(30);
		const chunks = [...chunkSync(long, { method: 'sentence', size: 600 })];
		const embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> =>
			(await ordinary.embed([...texts], { onTooLong: 'mean' })).vectors;
		const services = { tokenVectors: (text: string) => late.tokenVectors(text), embed };
		const found = [];
		// Far more than the model's context: the engine refuses the window.
		for await (const item of embedLate(long, chunks, services, { maxTokens: 100_000 })) found.push(item);
		expect(found).toHaveLength(chunks.length);
		for (const { chunk, vector, reason } of found) {
			expect(chunk.flags).toEqual(['lateFallback']);
			expect(vector).toHaveLength(64);
			expect(reason).toBeTruthy();
		}
	});
});
