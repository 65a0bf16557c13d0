import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** An ONNX Runtime the encoder process can load. */
export interface Runtime {
	readonly kind: 'wasm' | 'native';
	readonly file: string;
}

/** The program of the encoder process. */
export const PROGRAM = path.join(__dirname, 'program');

/** Where the build puts the parts of onnxruntime-web that are needed (gulpfile.js); in the source tree npm has them. */
const ROOT = path.join(__dirname, '..', '..', '..');
const WASM_FILES = ['vendor', 'node_modules'].map((folder) =>
	path.join(ROOT, folder, 'onnxruntime-web', 'dist', 'ort.node.min.js'),
);

/** The WebAssembly build: everywhere the same vectors, no native code. */
export function wasmRuntime(): Runtime | undefined {
	const file = WASM_FILES.find((candidate) => existsSync(candidate));
	return file === undefined ? undefined : { kind: 'wasm', file };
}

/** onnxruntime-node, if the host has installed it beside this package: four to five times as fast, never required. */
export function nativeRuntime(): Runtime | undefined {
	try {
		return { kind: 'native', file: createRequire(__filename).resolve('onnxruntime-node') };
	} catch {
		// Not installed: the usual case.
		return undefined;
	}
}
