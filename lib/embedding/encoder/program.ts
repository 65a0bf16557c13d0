/**
 * The program of the encoder process: loads the model, answers one request after the other, ends with its parent.
 *
 * A process, not a worker thread: ending it returns all of its memory. A thread leaves more behind each time (262 MB
 * after the first round of start, work, end; 513 after the sixth: measured with onnxruntime-web 1.30 in Node 24), and
 * when the operating system takes a process for its memory, n8n lives on.
 *
 * Arguments: file of the runtime, `wasm` or `native`, the files of the model (ModelFiles) as JSON.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as ort from 'onnxruntime-web';
import { connectToParent, messageOf } from '../../support';
import type { EncoderMessage, EncoderOutput, EncoderRequest, ModelFiles } from './protocol';
import { SELF_TESTS } from './selfTests';
import { WordTable } from './wordTable';

type Runtime = typeof ort;

const [, , runtimeFile = '', kind = 'wasm', filesGiven = '{}'] = process.argv;
const files = JSON.parse(filesGiven) as ModelFiles;
/** Numbers of a row of the word table. */
const WIDTH = 384;
const OUTPUTS = { sentence: 'sentence_embedding', tokens: 'token_embeddings' } as const;

const waiting: EncoderRequest[] = [];
let wake: (() => void) | undefined;
const send = connectToParent<EncoderRequest, EncoderMessage>((request) => {
	waiting.push(request);
	wake?.();
});

async function giveUp(cause: 'model' | 'runtime', error: unknown): Promise<void> {
	await send({ type: 'broken', cause, message: messageOf(error) });
	process.exit(1);
}

function isRuntime(value: unknown): value is Runtime {
	return typeof value === 'object' && value !== null && 'InferenceSession' in value && 'Tensor' in value;
}

function loadRuntime(): Runtime {
	const loaded: unknown = createRequire(runtimeFile)(runtimeFile);
	if (!isRuntime(loaded)) throw new Error(`${runtimeFile} is not ONNX Runtime`);
	// One thread, nothing started besides; more cores are used by more processes.
	if (kind === 'wasm') loaded.env.wasm.numThreads = 1;
	return loaded;
}

interface Model {
	readonly graph: Uint8Array;
	readonly words?: WordTable;
}

function readModel({ modelFile, modelHash, wordTable }: ModelFiles): Model {
	const graph = readFileSync(modelFile);
	if (createHash('sha256').update(graph).digest('hex') !== modelHash)
		throw new Error('it is damaged (its SHA-256 is not the expected one)');
	return wordTable ? { graph, words: new WordTable(wordTable.file, wordTable.rows) } : { graph };
}

/** A model that is ready to compute. */
interface Encoder {
	readonly runtime: Runtime;
	readonly session: ort.InferenceSession;
	readonly words?: WordTable;
}

function feeds({ runtime: { Tensor }, words }: Encoder, ids: Int32Array): Record<string, ort.Tensor> {
	const shape = [1, ids.length];
	return {
		...(words
			? { word_embeddings: new Tensor('float32', words.read(ids), [...shape, WIDTH]) }
			: { input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape) }),
		attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
	};
}

async function answer(encoder: Encoder, { id, ids, output }: EncoderRequest): Promise<void> {
	try {
		const started = performance.now();
		const data = await compute(encoder, ids, output);
		void send({ type: 'result', id, data, ms: performance.now() - started });
	} catch (error) {
		void send({ type: 'failed', id, message: messageOf(error) });
	}
}

async function compute(encoder: Encoder, ids: Int32Array, output: EncoderOutput): Promise<Float32Array> {
	const name = OUTPUTS[output];
	const results = await encoder.session.run(feeds(encoder, ids), [name]);
	const data = results[name]?.data;
	if (!(data instanceof Float32Array)) throw new Error(`no output "${name}"`);
	return data;
}

async function selfTest(encoder: Encoder, model: string): Promise<void> {
	const { ids, values, tolerance } = SELF_TESTS[model] ?? { ids: [], values: [NaN], tolerance: 0 };
	const vector = await compute(encoder, Int32Array.from(ids), 'sentence');
	const off = values.findIndex((value, k) => !(Math.abs(value - (vector[k] ?? NaN)) <= tolerance));
	if (off >= 0) throw new Error('it does not compute what the model should give');
}

async function main(): Promise<void> {
	let model: Model;
	try {
		model = readModel(files);
	} catch (error) {
		await giveUp('model', error);
		return;
	}
	let encoder: Encoder;
	try {
		const runtime = loadRuntime();
		const session = await runtime.InferenceSession.create(model.graph, {
			intraOpNumThreads: 1,
			interOpNumThreads: 1,
			logSeverityLevel: 3,
		});
		encoder = { runtime, session, words: model.words };
		if (kind === 'native') await selfTest(encoder, files.model);
	} catch (error) {
		await giveUp('runtime', error);
		return;
	}
	await send({ type: 'ready' });
	for (;;) {
		const request = waiting.shift();
		if (request) {
			await answer(encoder, request);
			// `run` holds the thread from start to end: only between two of them are messages read.
			await new Promise((resolve) => setImmediate(resolve));
		} else {
			await new Promise<void>((resolve) => (wake = resolve));
		}
	}
}

void main();
