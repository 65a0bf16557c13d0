// Every embedder that can be had here: the built-in ones, and MiniLM on a real llama.cpp server where it is installed.
import { moduleOf } from './modules.mjs';
import { startLlamaServer } from './llamaServer.mjs';

/** @returns {Promise<Array<{ name: string, embedder: object, close(): Promise<void> }>>} */
export async function availableEmbedders() {
	const { builtinEmbedder, createEmbedder } = moduleOf('embedding');
	const found = [];
	const add = (name, embedder, close = async () => {}) =>
		found.push({
			name,
			embedder,
			close: async () => {
				await embedder.close();
				await close();
			},
		});
	add('built-in, fast', builtinEmbedder({ tier: 'fast' }));
	add('built-in, English', builtinEmbedder({ tier: 'english' }));
	add('built-in, multilingual', builtinEmbedder({ tier: 'multilingual' }));

	const model = process.env.MINILM_GGUF;
	if (!model)
		console.error(
			'skipped: MiniLM on the llama.cpp server (set MINILM_GGUF to a GGUF file of all-MiniLM-L6-v2)',
		);
	else {
		const server = await startLlamaServer({
			model,
			arguments: ['--embedding', '--pooling', 'mean', '--ctx', '512'],
		});
		if (server) {
			const { EnginePool } = moduleOf('engine');
			const pool = new EnginePool([{ name: 'minilm', dialect: 'llamacpp', baseUrl: server.url }]);
			add('MiniLM, llama.cpp', createEmbedder({ pool, onTooLong: 'mean' }), async () => {
				await pool.close();
				await server.close();
			});
		} else
			console.error('skipped: MiniLM on the llama.cpp server (no Python with the xllamacpp package found)');
	}
	return found;
}

/** Vectors of all texts, in order. */
export async function embedAll(embedder, texts) {
	const vectors = [];
	for await (const { vector } of embedder.embedDocuments(texts)) vectors.push(vector);
	return vectors;
}
