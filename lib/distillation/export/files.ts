import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { createGzip, createZstdCompress, type Gzip, type ZstdCompress } from 'node:zlib';
import { once } from 'node:events';
import { PRIVATE_FILE } from '../../support';
import { DistillationError } from '../errors';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A new file that counts and, where asked, hashes what is written to it. */
export class OutputFile {
	#bytes = 0;
	#writing: Promise<void> = Promise.resolve();
	readonly #hash: Hash | undefined;

	private constructor(
		private readonly file: FileHandle,
		hashed: boolean,
	) {
		this.#hash = hashed ? createHash('sha256') : undefined;
	}

	static async create(path: string, hashed = true): Promise<OutputFile> {
		return new OutputFile(await open(path, 'wx', PRIVATE_FILE), hashed);
	}

	/**
	 * Starts writing once the piece before is written, so that the next piece is made while this one goes to the disk.
	 * The bytes must stay as they are until the next call resolves; an error of this write rejects the next call.
	 */
	async write(bytes: Uint8Array): Promise<void> {
		this.#hash?.update(bytes);
		this.#bytes += bytes.byteLength;
		await this.#writing;
		this.#writing = this.file.writeFile(bytes);
		// Looked at by the next call; without this an error meanwhile would count as unhandled.
		this.#writing.catch(() => undefined);
	}

	/** Waits until the bytes are on the disk. */
	async finish(): Promise<{ readonly bytes: number; readonly sha256: string }> {
		await this.#writing;
		await this.file.sync();
		await this.file.close();
		return { bytes: this.#bytes, sha256: this.#hash?.digest('hex') ?? '' };
	}

	/** For a file that will be thrown away: that it was closed already, or cannot be, makes no difference then. */
	async abandon(): Promise<void> {
		await this.#writing.catch(() => undefined);
		await this.file.close().catch(() => undefined);
	}
}

/** Lines are gathered to pieces of this many bytes: 200,000 small writes cost more than the data. */
const PIECE = 1 << 19;

/** Lines into a file, optionally compressed on the way. */
export class LineFile {
	/** Filled while the other one is being written. */
	#piece = Buffer.allocUnsafe(PIECE);
	#spare = Buffer.allocUnsafe(PIECE);
	#used = 0;
	#failed: Error | undefined;
	readonly #compressor: Gzip | ZstdCompress | undefined;
	#drained: Promise<void> = Promise.resolve();

	private constructor(
		private readonly file: OutputFile,
		compression: Compression,
	) {
		if (compression === 'none') return;
		if (compression === 'zstd' && typeof createZstdCompress !== 'function') {
			throw new DistillationError(
				'unavailable',
				`This Node (${process.version}) cannot write zstd: use Node 22.15 or later, or gzip.`,
			);
		}
		const compressor = compression === 'gzip' ? createGzip() : createZstdCompress();
		this.#compressor = compressor;
		// The compressor works in Node's thread pool; its pieces are written in order.
		this.#drained = (async () => {
			for await (const bytes of compressor) if (Buffer.isBuffer(bytes)) await this.file.write(bytes);
		})().catch((thrown: unknown) => {
			this.#failed = thrown instanceof Error ? thrown : new Error(String(thrown));
		});
	}

	static async create(path: string, compression: Compression, hashed = true): Promise<LineFile> {
		return new LineFile(await OutputFile.create(path, hashed), compression);
	}

	/** Takes a line; resolves at once until a piece is full. */
	write(line: string): Promise<void> | undefined {
		// UTF-8 takes at most three bytes for a UTF-16 unit.
		if (this.#used + line.length * 3 + 1 > PIECE) return this.#writeAfterFlush(line);
		this.#used += this.#piece.write(line, this.#used);
		this.#piece[this.#used++] = 10;
		return undefined;
	}

	async #writeAfterFlush(line: string): Promise<void> {
		await this.#flush();
		if (line.length * 3 + 1 <= PIECE) await this.write(line);
		else await this.#send(Buffer.from(`${line}\n`, 'utf8'));
	}

	async #flush(): Promise<void> {
		if (this.#used === 0) return;
		const bytes = this.#piece.subarray(0, this.#used);
		[this.#piece, this.#spare] = [this.#spare, this.#piece];
		this.#used = 0;
		// A compressor keeps what it is given until its thread gets to it.
		await this.#send(this.#compressor === undefined ? bytes : Buffer.from(bytes));
	}

	async #send(bytes: Buffer): Promise<void> {
		this.#throwIfFailed();
		if (this.#compressor === undefined) return await this.file.write(bytes);
		if (this.#compressor.write(bytes)) return;
		// Where the file cannot be written the compressor is ended, and would only say that it was.
		await Promise.race([once(this.#compressor, 'drain'), this.#drained]).catch((thrown: unknown) => {
			this.#throwIfFailed();
			throw thrown;
		});
		this.#throwIfFailed();
	}

	#throwIfFailed(): void {
		if (this.#failed !== undefined) throw this.#failed;
	}

	async finish(): Promise<{ readonly bytes: number; readonly sha256: string }> {
		await this.#flush();
		this.#compressor?.end();
		await this.#drained;
		this.#throwIfFailed();
		return this.file.finish();
	}

	async abandon(): Promise<void> {
		this.#compressor?.destroy();
		await this.#drained;
		await this.file.abandon();
	}
}
