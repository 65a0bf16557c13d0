import path from 'node:path';
import { ENGLISH, MULTILINGUAL } from './encoderNames';
import { EncoderPool } from './encoder/pool';
import { MODELS_DIRECTORY, wordPiece } from './modelFiles';
import { SentencePiece } from './sentencePiece';
import type { TokenScan } from './tokenScan';
import { UNKNOWN_ID } from './wordpiece';

/** What a text is embedded as. */
export type TextKind = 'query' | 'document';

/** Positions the graphs have: tokens of a text at most, special ones included. */
export const MAX_TOKENS = 512;

export interface EncoderTokenizer {
	/** Id of what the vocabulary does not know. */
	readonly unknownId: number;
	scan(text: string): TokenScan;
}

/** Tokens in front of a text and behind it. */
export interface Frame {
	readonly before: readonly number[];
	readonly after: readonly number[];
}

/** A built-in sentence encoder: its facts, its tokenizer and its processes, which all executions share. */
export interface EncoderModel {
	readonly name: string;
	readonly dimensions: number;
	/** Tokens that are read of a text unless more are asked for, special ones included. */
	readonly defaultTokens: number;
	readonly queryPrefix: string;
	readonly documentPrefix: string;
	readonly frame: Readonly<Record<TextKind, Frame>>;
	/** Nothing runs before the first request. */
	readonly pool: EncoderPool;
	/** Loaded at the first call, once a process. Rejects with `modelMissing`. */
	tokenizer(): Promise<EncoderTokenizer>;
	/** Tokens of a text, special ones included, where they can be counted at once. */
	readonly countTokens?: (text: string) => number;
}

const fileOf = (model: string, file: string): string => path.join(MODELS_DIRECTORY, model, file);

const specials = { before: [101], after: [102] };

/** all-MiniLM-L6-v2 (models/minilm-int8). */
export const englishEncoder: EncoderModel = {
	name: ENGLISH,
	dimensions: 384,
	// As the published model.
	defaultTokens: 256,
	queryPrefix: '',
	documentPrefix: '',
	frame: { query: specials, document: specials },
	pool: new EncoderPool({
		model: ENGLISH,
		modelFile: fileOf(ENGLISH, 'model.onnx'),
		// From models/minilm-int8/config.json.
		modelHash: '91d431b06c5898edaf337183b2b883f1da674bc273353a7725e76e552c2c40eb',
	}),
	tokenizer: () => Promise.resolve({ unknownId: UNKNOWN_ID, scan: (text) => wordPiece().scan(text) }),
	countTokens: (text) => wordPiece().count(text) + 2,
};

let sentencePiece: Promise<SentencePiece> | undefined;

/** multilingual-e5-small (models/multilingual-e5-small). */
export const multilingualEncoder: EncoderModel = {
	name: MULTILINGUAL,
	dimensions: 384,
	defaultTokens: 512,
	queryPrefix: 'query: ',
	documentPrefix: 'passage: ',
	frame: {
		// <s> and the tokens of the prefix, which are the same before any text.
		query: { before: [0, 41, 1294, 12], after: [2] },
		document: { before: [0, 46692, 12], after: [2] },
	},
	pool: new EncoderPool({
		model: MULTILINGUAL,
		modelFile: fileOf(MULTILINGUAL, 'model.onnx'),
		// From models/multilingual-e5-small/config.json, like what follows.
		modelHash: '33be6dd2dc05c819f4baa993e8e5d0518c33f63d7ad5aa961e8b7f4cc84c95ee',
		wordTable: { file: fileOf(MULTILINGUAL, 'word_embeddings.q4_0'), rows: 250_002 },
	}),
	tokenizer: async () => {
		sentencePiece ??= SentencePiece.load(fileOf(MULTILINGUAL, 'tokenizer.bin.gz'), 250_001).catch(
			(error: unknown) => {
				// Asked for again at the next call.
				sentencePiece = undefined;
				throw error;
			},
		);
		return await sentencePiece;
	},
};

export const ENCODERS: readonly EncoderModel[] = [multilingualEncoder, englishEncoder];

/** Ids of the operating system of the encoder processes now running. */
export function builtinEncoderPids(): number[] {
	return ENCODERS.flatMap(({ pool }) => pool.pids);
}

/** Ends the encoder processes at once; requests under way fail with `closed`. They end by themselves when idle. */
export function endBuiltinEncoder(): void {
	for (const { pool } of ENCODERS) pool.close();
}

/** Special tokens and prefix, the tokens of a text, special tokens: as the model was trained. */
export function framed({ before, after }: Frame, ids: Int32Array): Int32Array {
	const all = new Int32Array(before.length + ids.length + after.length);
	all.set(before);
	all.set(ids, before.length);
	all.set(after, before.length + ids.length);
	return all;
}
