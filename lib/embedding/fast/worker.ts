// Runs in a thread (see thread.ts), in the built package only.
import { parentPort } from 'node:worker_threads';
import { StaticModel } from './staticModel';

export interface ThreadTask {
	readonly id: number;
	readonly texts: readonly string[];
}

/** Vectors in a row, and the number of tokens of each text. */
export interface EmbeddedBatch {
	readonly vectors: Float32Array<ArrayBuffer>;
	readonly tokens: Int32Array<ArrayBuffer>;
}

export type ThreadAnswer = { readonly ready: true } | (EmbeddedBatch & { readonly id: number });

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
	const model = await StaticModel.load();
	port.on('message', ({ id, texts }: ThreadTask) => {
		const vectors = new Float32Array(texts.length * model.dimensions);
		const tokens = new Int32Array(texts.length);
		texts.forEach((text, row) => {
			const embedded = model.embedNow(text);
			vectors.set(embedded.vector, row * model.dimensions);
			tokens[row] = embedded.tokens;
		});
		const answer: ThreadAnswer = { id, vectors, tokens };
		port.postMessage(answer, [vectors.buffer, tokens.buffer]);
	});
	port.postMessage({ ready: true } satisfies ThreadAnswer);
}

// A model that cannot be loaded ends the thread; who asked finds out in his own.
if (parentPort) void main(parentPort);
