import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** What is used of Tesseract's WebAssembly build (tesseract.js-core). */
interface Tesseract {
	readonly FS: { writeFile(name: string, data: Uint8Array): void };
	readonly TessBaseAPI: new () => {
		Init(folder: null, languages: string, engine: number): number;
		/** Reads the file `/input`. @param exif orientation of the camera, 1–8; 0 for none. @param angle in radians */
		SetImageFile(exif: number, angle: number): number;
		Recognize(monitor: null): number;
		GetUTF8Text(): string;
		MeanTextConf(): number;
		Clear(): void;
	};
}
type StartTesseract = (options: {
	readonly wasmBinary: Uint8Array;
	readonly print: () => void;
	readonly printErr: () => void;
}) => Promise<Tesseract>;

/** Languages that come with the package; of each Tesseract's best model in whole numbers. */
export const LANGUAGES = ['eng', 'deu', 'fra', 'spa', 'ita'] as const;
/** Only the neural engine (OEM_LSTM_ONLY): the files of the older one are not in the package. */
const NEURAL = 1;

/** Where the build puts what is needed (gulpfile.js); in the source tree npm has it. */
const ROOT = path.join(__dirname, '..', '..', '..', '..');
const VENDOR = path.join(ROOT, 'vendor', 'tesseract');
const PACKAGES = path.join(ROOT, 'node_modules');

function fileOf(vendored: string, installed: string): string {
	const file = path.join(VENDOR, vendored);
	return existsSync(file) ? file : path.join(PACKAGES, installed);
}

export interface Recognised {
	readonly text: string;
	/** From 0 to 100: how sure the recognition is of its words. */
	readonly confidence: number;
}

/** Recognises the text of a picture (PNG, JPEG, WebP, TIFF, PNM). @param orientation of the camera (EXIF), 1–8 */
export type Recognise = (picture: Uint8Array, orientation?: number) => Recognised;

let loaded: Promise<Recognise> | undefined;

/** Tesseract with its languages, loaded at the first picture of the process: some 200 ms and 100 MB. */
export function loadOcr(): Promise<Recognise> {
	loaded ??= load();
	return loaded;
}

async function load(): Promise<Recognise> {
	const core = (name: string): string => fileOf(name, path.join('tesseract.js-core', name));
	const start = createRequire(__filename)(core('tesseract-core-simd-lstm.js')) as StartTesseract;
	const quiet = (): void => undefined;
	const wasmBinary = await readFile(core('tesseract-core-simd-lstm.wasm'));
	const tesseract = await start({ wasmBinary, print: quiet, printErr: quiet });
	for (const language of LANGUAGES) {
		const name = `${language}.traineddata`;
		const packed = await readFile(
			fileOf(`${name}.gz`, path.join('@tesseract.js-data', language, '4.0.0_best_int', `${name}.gz`)),
		);
		tesseract.FS.writeFile(name, await promisify(gunzip)(packed));
	}
	const api = new tesseract.TessBaseAPI();
	if (api.Init(null, LANGUAGES.join('+'), NEURAL) !== 0)
		throw new Error('text recognition could not be started');
	return (picture, orientation = 1) => {
		tesseract.FS.writeFile('/input', picture);
		if (api.SetImageFile(orientation, 0) !== 0) throw new Error('the picture cannot be decoded');
		api.Recognize(null);
		const found = { text: api.GetUTF8Text(), confidence: api.MeanTextConf() };
		api.Clear();
		return found;
	};
}
