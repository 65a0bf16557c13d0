import { createRequire } from 'node:module';
import path from 'node:path';

/** What computes in the encoder process: our own code, everywhere, or ONNX Runtime as the host has it. */
export type Runtime = { readonly kind: 'wasm' } | { readonly kind: 'native'; readonly file: string };

/** The program of the encoder process. */
export const PROGRAM = path.join(__dirname, 'program');

/** onnxruntime-node, if the host has installed it beside this package: three times as fast, never required. */
export function nativeRuntime(): Runtime | undefined {
	try {
		return { kind: 'native', file: createRequire(__filename).resolve('onnxruntime-node') };
	} catch {
		// Not installed: the usual case.
		return undefined;
	}
}
