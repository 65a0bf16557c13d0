import { createRequire } from 'node:module';
import type * as ort from 'onnxruntime-web';
import type { Encoder, Model } from './model';

/** What is used of ONNX Runtime; its packages have the same interface. */
type OnnxRuntime = typeof ort;

const OUTPUTS = { sentence: 'sentence_embedding', tokens: 'token_embeddings' } as const;
/** Numbers of a row of the word table. */
const WIDTH = 384;

/** The graph of a model on the ONNX Runtime of the host. */
export async function nativeEncoder(file: string, { graph, words }: Model): Promise<Encoder> {
	const runtime = loadRuntime(file);
	const session = await runtime.InferenceSession.create(graph, {
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		logSeverityLevel: 3,
	});
	const feeds = (ids: Int32Array): Record<string, ort.Tensor> => {
		const { Tensor } = runtime;
		const shape = [1, ids.length];
		return {
			...(words
				? { word_embeddings: new Tensor('float32', words.read(ids), [...shape, WIDTH]) }
				: { input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape) }),
			attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
		};
	};
	return async (ids, output) => {
		const name = OUTPUTS[output];
		const data = (await session.run(feeds(ids), [name]))[name]?.data;
		if (!(data instanceof Float32Array)) throw new Error(`no output "${name}"`);
		return data;
	};
}

function loadRuntime(file: string): OnnxRuntime {
	const loaded: unknown = createRequire(file)(file);
	if (!isRuntime(loaded)) throw new Error(`${file} is not ONNX Runtime`);
	return loaded;
}

function isRuntime(value: unknown): value is OnnxRuntime {
	return typeof value === 'object' && value !== null && 'InferenceSession' in value && 'Tensor' in value;
}
