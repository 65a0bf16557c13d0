import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { readLines } from '../../support';

/** Written to the disk in pieces of this size: fewer waits, and small against what one row may have. */
const PIECE = 1 << 20;

/** A file of JSON lines that is written once and then read as often as wanted. */
export class Spool {
	#parts: string[] = [];
	#length = 0;
	#closed = false;
	readonly #file: FileHandle;

	private constructor(
		readonly path: string,
		file: FileHandle,
	) {
		this.#file = file;
	}

	static async create(path: string): Promise<Spool> {
		return new Spool(path, await open(path, 'w', 0o600));
	}

	/** Takes a row; resolves at once until a piece is full. */
	write(row: unknown): Promise<void> | undefined {
		const line = `${JSON.stringify(row)}\n`;
		this.#parts.push(line);
		this.#length += line.length;
		return this.#length >= PIECE ? this.flush() : undefined;
	}

	async flush(): Promise<void> {
		const text = this.#parts.join('');
		this.#parts = [];
		this.#length = 0;
		if (text !== '') await this.#file.write(text);
	}

	async finish(): Promise<void> {
		await this.flush();
		await this.#close();
	}

	/** Closes the file if that has not been done: after an error. */
	async abandon(): Promise<void> {
		this.#parts = [];
		await this.#close();
	}

	async #close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		await this.#file.close();
	}

	/** The rows as they were written. */
	async *read(): AsyncGenerator<unknown> {
		const input = createReadStream(this.path, { highWaterMark: 1 << 18 });
		try {
			for await (const { text } of readLines(input, Infinity)) yield JSON.parse(text ?? 'null');
		} finally {
			input.destroy();
		}
	}
}
