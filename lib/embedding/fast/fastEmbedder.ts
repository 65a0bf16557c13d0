import { createSlicer, mapInOrder, type CallContext } from '../../support';
import { EmbeddingError } from '../errors';
import { makeFingerprint, PROBE_TEXTS } from '../sameModel';
import { wordPiece } from '../modelFiles';
import { StaticModel } from './staticModel';
import { embedAside } from './thread';
import type { EmbeddedBatch } from './worker';
import type { EmbeddedText, Embedder, Fingerprint } from '../types';

/** Longer texts are read in strides; shorter ones take less than a millisecond. */
const SHORT = 8192;
/** From this many texts on it pays to have them embedded in a thread, in batches of so many texts and characters. */
const MANY = 64;
const BATCH = { texts: 128, characters: 256 * 1024 };
/** So many that the thread has work while this one is busy with something else. */
const BATCHES_AT_ONCE = 8;

let loading: Promise<StaticModel> | undefined;

/** The static model of this process, loaded at the first call. A failed load is tried again at the next. */
export function staticModel(): Promise<StaticModel> {
	loading ??= StaticModel.load().catch((error: unknown) => {
		loading = undefined;
		throw error;
	});
	return loading;
}

/** Tier "fast": static-minilm-256 in this process, thousands of chunks a second; many texts at once in a thread. */
export class FastEmbedder implements Embedder {
	static readonly title = StaticModel.title;
	readonly model = StaticModel.title;
	readonly dimensions = 256;

	async *embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncGenerator<EmbeddedText> {
		const model = await staticModel();
		if (Array.isArray(texts) && texts.length >= MANY) {
			yield* embedMany(texts, model, call);
			return;
		}
		const turn = createSlicer();
		let done = 0;
		for await (const text of texts) {
			throwIfCancelled(call);
			requireText(text, done);
			const { vector, tokens } = await embedHere(text, model, turn);
			yield embedded(vector, tokens);
			call?.onProgress?.({ done: ++done });
			const pause = turn();
			if (pause) await pause;
		}
	}

	async embedQuery(text: string, call?: CallContext): Promise<Float32Array> {
		throwIfCancelled(call);
		requireText(text, 0);
		return (await (await staticModel()).embed(text)).vector;
	}

	async fingerprint(): Promise<Fingerprint> {
		const model = await staticModel();
		const probes = PROBE_TEXTS.map((text) => model.embedNow(text).vector);
		return makeFingerprint(
			{ model: this.model, dimensions: this.dimensions, queryPrefix: '', documentPrefix: '' },
			probes,
		);
	}

	countTokens(text: string): number {
		return wordPiece().count(text);
	}

	/** Nothing to end: the model belongs to the process. */
	close(): Promise<void> {
		return Promise.resolve();
	}
}

/** Batch by batch, in the thread where there is one. */
async function* embedMany(
	texts: readonly unknown[],
	model: StaticModel,
	call: CallContext | undefined,
): AsyncGenerator<EmbeddedText> {
	const { dimensions } = model;
	const turn = createSlicer();
	const work = async (batch: readonly string[]): Promise<EmbeddedBatch> =>
		(await embedAside(batch)) ?? (await embedBatchHere(batch, model, turn));
	let done = 0;
	for await (const { vectors, tokens } of mapInOrder(batchesOf(texts), BATCHES_AT_ONCE, work)) {
		throwIfCancelled(call);
		for (let row = 0; row < tokens.length; row++) {
			yield embedded(vectors.subarray(row * dimensions, (row + 1) * dimensions), tokens[row] ?? 0);
			call?.onProgress?.({ done: ++done });
			const pause = turn();
			if (pause) await pause;
		}
	}
}

function* batchesOf(texts: readonly unknown[]): Generator<string[]> {
	let batch: string[] = [];
	let characters = 0;
	for (const [position, text] of texts.entries()) {
		requireText(text, position);
		batch.push(text);
		characters += text.length;
		if (batch.length < BATCH.texts && characters < BATCH.characters) continue;
		yield batch;
		batch = [];
		characters = 0;
	}
	if (batch.length > 0) yield batch;
}

async function embedBatchHere(
	batch: readonly string[],
	model: StaticModel,
	turn: ReturnType<typeof createSlicer>,
): Promise<EmbeddedBatch> {
	const vectors = new Float32Array(batch.length * model.dimensions);
	const tokens = new Int32Array(batch.length);
	for (const [row, text] of batch.entries()) {
		const { vector, tokens: count } = await embedHere(text, model, turn);
		vectors.set(vector, row * model.dimensions);
		tokens[row] = count;
		const pause = turn();
		if (pause) await pause;
	}
	return { vectors, tokens };
}

async function embedHere(
	text: string,
	model: StaticModel,
	turn: ReturnType<typeof createSlicer>,
): Promise<{ vector: Float32Array; tokens: number }> {
	return text.length <= SHORT ? model.embedNow(text) : await model.embed(text, turn);
}

const embedded = (vector: Float32Array, tokens: number): EmbeddedText =>
	vector.some((value) => value !== 0) ? { vector, tokens } : { vector, tokens, empty: true };

export function throwIfCancelled(call: CallContext | undefined): void {
	if (call?.signal?.aborted)
		throw new EmbeddingError('cancelled', 'Embedding was cancelled.', { cause: call.signal.reason });
}

export function requireText(text: unknown, position: number): asserts text is string {
	if (typeof text !== 'string')
		throw new EmbeddingError(
			'invalidOptions',
			`Text ${position + 1} to embed is ${text === null ? 'null' : typeof text}, not a string.`,
		);
}
