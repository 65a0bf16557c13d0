import { createSlicer, type CallContext } from '../support';
import { EmbeddingError } from './errors';
import { makeFingerprint, PROBE_TEXTS } from './fingerprint';
import { wordPiece } from './modelFiles';
import { StaticModel } from './staticModel';
import type { EmbeddedText, Embedder, Fingerprint } from './types';

/** Longer texts are read in strides; shorter ones take less than a millisecond. */
const SHORT = 8192;

let loading: Promise<StaticModel> | undefined;

/** The static model of this process, loaded at the first call. A failed load is tried again at the next. */
export function staticModel(): Promise<StaticModel> {
	loading ??= StaticModel.load().catch((error: unknown) => {
		loading = undefined;
		throw error;
	});
	return loading;
}

/** Tier "fast": static-minilm-256 in this process, thousands of chunks a second. */
export class FastEmbedder implements Embedder {
	readonly model = StaticModel.title;
	readonly dimensions = 256;

	async *embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncGenerator<EmbeddedText> {
		const model = await staticModel();
		const turn = createSlicer();
		let done = 0;
		for await (const text of texts) {
			throwIfCancelled(call);
			requireText(text, done);
			const { vector, tokens } = text.length <= SHORT ? model.embedNow(text) : await model.embed(text, turn);
			yield vector.some((value) => value !== 0) ? { vector, tokens } : { vector, tokens, empty: true };
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
