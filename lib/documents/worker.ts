// Runs in a worker thread (see parser.ts). It imports packages only, so that the same file runs built and unbuilt.
import type { JsonValue } from '../support';
import type { Locations } from '../ingest/types';

export interface ParserTask {
	readonly kind: 'pdf' | 'docx' | 'csv' | 'json' | 'jsonl';
	readonly data: Uint8Array | string;
	/** Bound of the text, in UTF-16 code units. */
	readonly textLength: number;
}

export type ParserAnswer =
	| {
			readonly ok: true;
			/** UTF-16, little endian; HTML for a DOCX file. */
			readonly text: Uint8Array;
			readonly title?: string;
			readonly metadata?: { readonly [key: string]: JsonValue };
			readonly locations?: Locations;
			readonly warnings?: readonly string[];
	  }
	| { readonly ok: false; readonly reason: string };

type Extracted = Omit<Extract<ParserAnswer, { ok: true }>, 'ok' | 'text'> & { readonly text: string };

/** A sentence for the user; anything else that is thrown is the parser's own complaint. */
class Refusal extends Error {}

/** Columns named in a document's metadata; more are a sign of a transposed table. */
const namedColumns = 200;
/** Values nested deeper are printed as JSON. */
const maxDepth = 32;

const { parentPort } = process.getBuiltinModule('node:worker_threads');

parentPort?.on('message', (task: ParserTask) => {
	// It never rejects: whatever a parser throws is an answer.
	void answer(task).then((result) => {
		if (result.ok) parentPort.postMessage(result, [result.text.buffer]);
		else parentPort.postMessage(result);
	});
});

async function answer(
	task: ParserTask,
): Promise<
	Extract<ParserAnswer, { ok: false }> | (ParserAnswer & { ok: true; text: Uint8Array<ArrayBuffer> })
> {
	try {
		const { text, ...rest } = await read(task);
		const bytes = new Uint8Array(text.length * 2);
		Buffer.from(bytes.buffer).write(text, 'utf16le');
		return { ok: true, text: bytes, ...rest };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		const reason =
			error instanceof Refusal ? message : `The file is not valid ${task.kind.toUpperCase()}: ${message}`;
		return { ok: false, reason };
	}
}

async function read({ kind, data, textLength }: ParserTask): Promise<Extracted> {
	if (typeof data === 'string') {
		switch (kind) {
			case 'csv':
				return readCsv(data, textLength);
			case 'json':
				return readJson(data, textLength);
			case 'jsonl':
				return readJsonLines(data, textLength);
			default:
				throw new Refusal(`A ${kind} file was handed over as text.`);
		}
	}
	if (kind === 'pdf') return readPdf(data, textLength);
	if (kind === 'docx') return readDocx(data);
	throw new Refusal(`A ${kind} file was handed over as bytes.`);
}

/** Collects the records of a file as paragraphs and remembers where each begins. */
class Paragraphs {
	readonly starts: number[] = [];
	private readonly parts: string[] = [];
	private length = 0;
	private readonly textLength: number;

	constructor(textLength: number) {
		this.textLength = textLength;
	}

	/** `skipped` counts the empty records before it: they begin, and end, where this one begins. */
	add(text: string, skipped = 0): void {
		const separator = this.length === 0 ? '' : '\n\n';
		this.parts.push(separator, text);
		for (let count = 0; count <= skipped; count++) this.starts.push(this.length + separator.length);
		this.length += separator.length + text.length;
		if (this.length > this.textLength) {
			throw new Refusal(
				`The text of the file is longer than ${this.textLength.toLocaleString('en')} characters. Split the file.`,
			);
		}
	}

	get text(): string {
		return this.parts.join('');
	}
}

/** The pages' text, with an empty line where the gap between two lines is that of a paragraph. */
async function readPdf(data: Uint8Array, textLength: number): Promise<Extracted> {
	const { getDocumentProxy } = await import('unpdf');
	const pdf = await getDocumentProxy(data, { verbosity: 0 }).catch((error: unknown) => {
		if (error instanceof Error && error.name === 'PasswordException') {
			throw new Refusal('The PDF is protected by a password. Save it without one.');
		}
		throw error;
	});
	const pages = new Paragraphs(textLength);
	let characters = 0;
	for (let number = 1; number <= pdf.numPages; number++) {
		const page = await pdf.getPage(number);
		const { items } = await page.getTextContent();
		const text = linesOf(items);
		characters += text.trim().length;
		pages.add(text);
		page.cleanup();
	}
	if (characters === 0) {
		throw new Refusal(
			'The PDF contains no text, only pictures of it. Run text recognition (OCR) over it first.',
		);
	}
	const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
	const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.trim() : '';
	return {
		text: pages.text,
		metadata: { pages: pdf.numPages },
		locations: { field: 'page', starts: pages.starts },
		...(title === '' ? {} : { title }),
	};
}

function linesOf(items: ReadonlyArray<object>): string {
	let text = '';
	let baseline: number | undefined;
	for (const item of items) {
		if (!('str' in item) || typeof item.str !== 'string') continue;
		const transform: readonly unknown[] =
			'transform' in item && Array.isArray(item.transform) ? item.transform : [];
		const [y, height]: unknown[] = [transform[5], 'height' in item ? item.height : 0];
		if (typeof y === 'number' && typeof height === 'number' && height > 0 && item.str.trim() !== '') {
			// Lines of a paragraph are 1–1.5 heights apart.
			if (baseline !== undefined && text.endsWith('\n') && baseline - y > 1.8 * height) text += '\n';
			baseline = y;
		}
		text += item.str;
		if ('hasEOL' in item && item.hasEOL === true) text += '\n';
	}
	return text.trim();
}

/** The document as HTML, from which the text is taken as for any page. */
async function readDocx(data: Uint8Array): Promise<Extracted> {
	const mammoth = await import('mammoth');
	const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
	const noPicture = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
	const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: noPicture });
	return { text: value };
}

/** Each record as a paragraph of `column: value` lines; the first row names the columns. */
async function readCsv(data: string, textLength: number): Promise<Extracted> {
	const { parse } = await import('csv-parse/sync');
	const rows: string[][] = parse(data, {
		delimiter: delimiterOf(data),
		bom: true,
		relax_column_count: true,
		relax_quotes: true,
		skip_empty_lines: true,
		max_record_size: textLength,
	});
	const [first = [], ...rest] = rows;
	const columns = first.map((name, at) => name.trim() || `column ${at + 1}`);
	const records = new Paragraphs(textLength);
	// A single row names nothing: it is the data.
	if (rest.length === 0) records.add(first.join('\n'));
	for (const row of rest) {
		const lines = row.map((value, at) =>
			value.trim() === '' ? '' : `${columns[at] ?? `column ${at + 1}`}: ${value}`,
		);
		records.add(lines.filter((line) => line !== '').join('\n'));
	}
	return {
		text: records.text,
		metadata: { columns: columns.slice(0, namedColumns), records: Math.max(rest.length, 1) },
		locations: { field: 'record', starts: records.starts },
	};
}

/** The candidate that is most frequent in the first line. */
function delimiterOf(data: string): string {
	const line = data.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? '';
	let best = ',';
	let most = 0;
	for (const candidate of [',', ';', '\t', '|']) {
		const count = line.split(candidate).length - 1;
		if (count > most) [best, most] = [candidate, count];
	}
	return best;
}

/** A list of records, each a paragraph, or one value as `path: value` lines. */
function readJson(data: string, textLength: number): Extracted {
	const value: unknown = JSON.parse(data.replace(/^\uFEFF/, ''));
	const paragraphs = new Paragraphs(textLength);
	if (!Array.isArray(value)) {
		paragraphs.add(linesOfValue(value));
		return { text: paragraphs.text };
	}
	for (const record of value) paragraphs.add(linesOfValue(record));
	return {
		text: paragraphs.text,
		metadata: { records: value.length },
		locations: { field: 'record', starts: paragraphs.starts },
	};
}

function readJsonLines(data: string, textLength: number): Extracted {
	const paragraphs = new Paragraphs(textLength);
	let number = 0;
	let blank = 0;
	for (const line of data.split(/\r?\n/)) {
		number++;
		if (line.trim() === '') {
			blank++;
			continue;
		}
		try {
			const value: unknown = JSON.parse(line.replace(/^\uFEFF/, ''));
			paragraphs.add(linesOfValue(value), blank);
			blank = 0;
		} catch (error) {
			if (error instanceof Refusal) throw error;
			throw new Refusal(
				`Line ${number} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
	}
	return { text: paragraphs.text, locations: { field: 'line', starts: paragraphs.starts } };
}

function printed(scalar: unknown): string {
	return typeof scalar === 'string' ? scalar : JSON.stringify(scalar);
}

function linesOfValue(value: unknown): string {
	const lines: string[] = [];
	const visit = (entry: unknown, path: string, depth: number): void => {
		if (typeof entry !== 'object' || entry === null) {
			if (entry === null || entry === '') return;
			lines.push(path === '' ? printed(entry) : `${path}: ${printed(entry)}`);
		} else if (depth >= maxDepth) lines.push(`${path}: ${JSON.stringify(entry)}`);
		else if (Array.isArray(entry)) {
			if (entry.every((inner) => typeof inner !== 'object' || inner === null)) {
				if (entry.length > 0)
					lines.push(
						path === '' ? entry.map(printed).join(', ') : `${path}: ${entry.map(printed).join(', ')}`,
					);
			} else entry.forEach((inner: unknown, at) => visit(inner, `${path}[${at + 1}]`, depth + 1));
		} else {
			for (const [key, inner] of Object.entries(entry))
				visit(inner, path === '' ? key : `${path}.${key}`, depth + 1);
		}
	};
	visit(value, '', 0);
	return lines.join('\n');
}
