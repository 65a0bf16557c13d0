/**
 * The program of the encoder process: loads the model, answers one request after the other, ends with its parent.
 *
 * A process, not a worker thread: ending it returns all of its memory. A thread leaves more behind each time (262 MB
 * after the first round of start, work, end; 513 after the sixth: measured with a model in WebAssembly in Node 24), and
 * when the operating system takes a process for its memory, n8n lives on.
 *
 * Arguments: file of the runtime, `wasm` or `native`, the files of the model (ModelFiles) as JSON.
 */
import { connectToParent, messageOf } from '../../support';
import { type Encoder, type Model, readModel, wordsOf } from './model';
import { nativeEncoder } from './native';
import type { EncoderMessage, EncoderRequest, ModelFiles } from './protocol';
import { SELF_TESTS } from './selfTests';
import { readConstants, Transformer } from './transformer';

const [, , runtimeFile = '', kind = 'wasm', filesGiven = '{}'] = process.argv;
const files = JSON.parse(filesGiven) as ModelFiles;

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

/** The graph of a model computed by our own code. */
async function ownEncoder({ graph, words }: Model): Promise<Encoder> {
	const constants = readConstants(graph);
	const transformer = await Transformer.create(constants);
	const table = words ?? wordsOf(constants);
	return (ids, output) => {
		const states = transformer.encode(table.read(ids));
		return Promise.resolve(output === 'tokens' ? states.slice() : Transformer.sentenceOf(states));
	};
}

async function answer(encoder: Encoder, { id, ids, output }: EncoderRequest): Promise<void> {
	try {
		const started = performance.now();
		const data = await encoder(ids, output);
		void send({ type: 'result', id, data, ms: performance.now() - started });
	} catch (error) {
		void send({ type: 'failed', id, message: messageOf(error) });
	}
}

async function selfTest(encoder: Encoder, model: string): Promise<void> {
	const { ids, values, tolerance } = SELF_TESTS[model] ?? { ids: [], values: [NaN], tolerance: 0 };
	const vector = await encoder(Int32Array.from(ids), 'sentence');
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
		encoder = kind === 'native' ? await nativeEncoder(runtimeFile, model) : await ownEncoder(model);
		await selfTest(encoder, files.model);
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
