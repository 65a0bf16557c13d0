/**
 * The program of the encoder process: loads the model, answers one request after the other, ends with its parent.
 *
 * A process, not a worker thread: ending it returns all of its memory. A thread leaves more behind each time (262 MB
 * after the first round of start, work, end; 513 after the sixth: measured with onnxruntime-web 1.30 in Node 24), and
 * when the operating system takes a process for its memory, n8n lives on.
 *
 * Arguments: file of the runtime, `wasm` or `native`, file of the model, SHA-256 of the model.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as ort from 'onnxruntime-web';
import { connectToParent, messageOf } from '../../support';
import type { EncoderMessage, EncoderOutput, EncoderRequest } from './protocol';

type Runtime = typeof ort;

const [, , runtimeFile = '', kind = 'wasm', modelFile = '', modelHash = ''] = process.argv;
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

function readModel(): Uint8Array {
	const bytes = readFileSync(modelFile);
	if (createHash('sha256').update(bytes).digest('hex') !== modelHash)
		throw new Error('it is damaged (its SHA-256 is not the expected one)');
	return bytes;
}

function feeds({ Tensor }: Runtime, ids: Int32Array): Record<string, ort.Tensor> {
	const shape = [1, ids.length];
	return {
		input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape),
		attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
	};
}

async function answer(
	runtime: Runtime,
	session: ort.InferenceSession,
	{ id, ids, output }: EncoderRequest,
): Promise<void> {
	try {
		void send({ type: 'result', id, data: await compute(runtime, session, ids, output) });
	} catch (error) {
		void send({ type: 'failed', id, message: messageOf(error) });
	}
}

/**
 * "Total revenue increased 12% year over year to $4.2 billion, driven by strong demand in cloud services." and the first
 * values of its vector (fixture 54 of models/minilm-int8). A native runtime is asked for it before it is used: its
 * uint8 × int8 products may saturate on processors without VNNI (documented by ONNX Runtime).
 */
const SELF_TEST = {
	ids: [
		101, 2561, 6599, 3445, 2260, 1003, 2095, 2058, 2095, 2000, 1002, 1018, 1012, 1016, 4551, 1010, 5533, 2011,
		2844, 5157, 1999, 6112, 2578, 1012, 102,
	],
	values: [
		0.0431, -0.0446, 0.0096, -0.0631, -0.0111, -0.0019, -0.0584, 0.024, 0.0737, 0.0932, 0.0068, 0.1209,
		-0.0101, -0.045, 0.0468, 0.0323, 0.0433, -0.0681, -0.0551, -0.0063, 0.0444, -0.0409, -0.0067, -0.029,
	],
	/** The fixtures' bound for another runtime; onnxruntime-node 1.30 with VNNI stays below 0.008. */
	tolerance: 0.02,
};

async function compute(
	runtime: Runtime,
	session: ort.InferenceSession,
	ids: Int32Array,
	output: EncoderOutput,
): Promise<Float32Array> {
	const name = OUTPUTS[output];
	const results = await session.run(feeds(runtime, ids), [name]);
	const data = results[name]?.data;
	if (!(data instanceof Float32Array)) throw new Error(`no output "${name}"`);
	return data;
}

async function selfTest(runtime: Runtime, session: ort.InferenceSession): Promise<void> {
	const vector = await compute(runtime, session, Int32Array.from(SELF_TEST.ids), 'sentence');
	const off = SELF_TEST.values.findIndex(
		(value, k) => !(Math.abs(value - (vector[k] ?? NaN)) <= SELF_TEST.tolerance),
	);
	if (off >= 0) throw new Error('it does not compute what the model should give');
}

async function main(): Promise<void> {
	let model: Uint8Array;
	try {
		model = readModel();
	} catch (error) {
		await giveUp('model', error);
		return;
	}
	let runtime: Runtime;
	let session: ort.InferenceSession;
	try {
		runtime = loadRuntime();
		session = await runtime.InferenceSession.create(model, {
			intraOpNumThreads: 1,
			interOpNumThreads: 1,
			logSeverityLevel: 3,
		});
		if (kind === 'native') await selfTest(runtime, session);
	} catch (error) {
		await giveUp('runtime', error);
		return;
	}
	await send({ type: 'ready' });
	for (;;) {
		const request = waiting.shift();
		if (request) {
			await answer(runtime, session, request);
			// `run` holds the thread from start to end: only between two of them are messages read.
			await new Promise((resolve) => setImmediate(resolve));
		} else {
			await new Promise<void>((resolve) => (wake = resolve));
		}
	}
}

void main();
