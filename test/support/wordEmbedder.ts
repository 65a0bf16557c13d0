import type { EmbeddedText, Embedder, Fingerprint } from '../../lib/embedding';
import type { CallContext } from '../../lib/support';

/** A small deterministic embedder (letter counts) that remembers what it was asked and can be told to fail. */
export class WordEmbedder implements Embedder {
	readonly texts: string[] = [];
	/** Throws for texts that cannot be embedded. */
	refuse: (text: string) => void = () => undefined;

	constructor(
		readonly model = 'letters',
		readonly dimensions = 8,
	) {}

	async *embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncGenerator<EmbeddedText> {
		for await (const text of texts) {
			call?.signal?.throwIfAborted();
			this.refuse(text);
			this.texts.push(text);
			yield { vector: this.vectorOf(text), tokens: text.split(/\s+/).length };
		}
	}

	async embedQuery(text: string): Promise<Float32Array> {
		return this.vectorOf(text);
	}

	async fingerprint(): Promise<Fingerprint> {
		const { model, dimensions } = this;
		return {
			model,
			dimensions,
			queryPrefix: '',
			documentPrefix: '',
			probes: [],
			id: `${model}/${dimensions}`,
		};
	}

	async close(): Promise<void> {}

	private vectorOf(text: string): Float32Array {
		const vector = new Float32Array(this.dimensions);
		for (let at = 0; at < text.length; at++) {
			const slot = text.charCodeAt(at) % this.dimensions;
			vector[slot] = (vector[slot] ?? 0) + 1;
		}
		const norm = Math.hypot(...vector) || 1;
		return vector.map((value) => value / norm);
	}
}
