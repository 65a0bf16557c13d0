/** What goes over the channel between the encoder process (program.ts) and the process that started it. */

/** The files of a model. */
export interface ModelFiles {
	/** Name of the model, which its self-test is found by. */
	readonly model: string;
	readonly modelFile: string;
	/** SHA-256 the model file must have. */
	readonly modelHash: string;
	/** The word table, where the graph takes rows of it instead of token ids. */
	readonly wordTable?: { readonly file: string; readonly rows: number };
}

/** `sentence`: one unit vector; `tokens`: the state of every token, one after the other, not normalised. */
export type EncoderOutput = 'sentence' | 'tokens';

export interface EncoderRequest {
	readonly id: number;
	/** Token ids, special ones included. */
	readonly ids: Int32Array;
	readonly output: EncoderOutput;
}

export type EncoderMessage =
	| { readonly type: 'ready' }
	/** It cannot start; the process ends. `model`: the file is missing or not the one it should be. */
	| { readonly type: 'broken'; readonly cause: 'model' | 'runtime'; readonly message: string }
	| { readonly type: 'result'; readonly id: number; readonly data: Float32Array; readonly ms: number }
	| { readonly type: 'failed'; readonly id: number; readonly message: string };
