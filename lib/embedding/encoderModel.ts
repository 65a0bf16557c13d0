import path from 'node:path';
import { EncoderPool } from './encoder/pool';
import { MODELS_DIRECTORY } from './modelFiles';

/** Facts of the built-in encoder (models/minilm-int8). */
export const ENCODER_NAME = 'minilm-int8';
export const ENCODER_DIMENSIONS = 384;
/** Positions the graph has. */
export const MAX_TOKENS = 512;
const CLS = 101;
const SEP = 102;

/** The encoder of this process, shared by all executions. Nothing runs before the first request. */
export const encoderPool = new EncoderPool({
	modelFile: path.join(MODELS_DIRECTORY, ENCODER_NAME, 'model.onnx'),
	// From models/minilm-int8/config.json.
	modelHash: '91d431b06c5898edaf337183b2b883f1da674bc273353a7725e76e552c2c40eb',
});

/** Ids of the operating system of the encoder processes now running. */
export function builtinEncoderPids(): number[] {
	return encoderPool.pids;
}

/** Ends the encoder processes at once; requests under way fail with `closed`. They end by themselves when idle. */
export function endBuiltinEncoder(): void {
	encoderPool.close();
}

/** [CLS] … [SEP], as the model was trained. */
export function withSpecials(ids: Int32Array): Int32Array {
	const all = new Int32Array(ids.length + 2);
	all[0] = CLS;
	all.set(ids, 1);
	all[ids.length + 1] = SEP;
	return all;
}
