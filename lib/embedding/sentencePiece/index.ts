import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf } from '../../support';
import { damaged, readModelFile } from '../modelFiles';
import type { TokenScan } from '../tokenScan';
import { CharacterMap } from './characterMap';
import { Pieces } from './pieces';
import { SentencePieceScan } from './scan';
import { Segmenter } from './segmenter';

const UNKNOWN_ID = 3;
const HEAD_BYTES = 20;
const MAGIC = 'E5TK';

const unzip = promisify(gunzip);

/** A unigram tokenizer of SentencePiece. Stateless between texts; safe to share. */
export class SentencePiece {
	readonly unknownId = UNKNOWN_ID;
	private readonly segmenter: Segmenter;

	private constructor(
		private readonly map: CharacterMap,
		pieces: Pieces,
	) {
		this.segmenter = new Segmenter(pieces, UNKNOWN_ID);
	}

	/**
	 * Reads a tokenizer file (its form is in models/multilingual-e5-small/README.md): half a second of work in slices of the event
	 * loop, about 12 MB. Rejects with `modelMissing`.
	 *
	 * @param maskId the piece that stands for no text, besides ids 0 to 3
	 */
	static async load(file: string, maskId: number): Promise<SentencePiece> {
		const packed = await readModelFile(file);
		let bytes: Buffer;
		try {
			bytes = await unzip(packed);
		} catch (error) {
			throw damaged(file, messageOf(error));
		}
		if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, 4) !== MAGIC || bytes.readUInt32LE(4) !== 1)
			throw damaged(file, 'it is not a tokenizer file');
		const [count, mapBytes, textBytes] = [8, 12, 16].map((at) => bytes.readUInt32LE(at));
		const scoresAt = HEAD_BYTES + (mapBytes ?? 0);
		const textAt = scoresAt + 4 * (count ?? 0);
		if (textAt + (textBytes ?? 0) !== bytes.length) throw damaged(file, 'it is cut off');
		const map = new CharacterMap(bytes.subarray(HEAD_BYTES, scoresAt));
		// A copy of its own: an array of float32 cannot begin at any byte of a file.
		const scores = new Float32Array(new Uint8Array(bytes.subarray(scoresAt, textAt)).buffer);
		const isText = (id: number): boolean => id > UNKNOWN_ID && id !== maskId;
		return new SentencePiece(map, await Pieces.create(bytes.toString('utf8', textAt), scores, isText));
	}

	/** @param stride units read between two returns of `advance`; for tests */
	scan(text: string, stride?: number): TokenScan {
		return new SentencePieceScan(text, this.map, this.segmenter, UNKNOWN_ID, stride);
	}
}
