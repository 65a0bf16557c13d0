// The thread of the reader's process in which the parsers run (program.ts watches it).
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../support';
import { decodeText } from '../decode';
import { DocumentError } from '../errors';
import { loadCsv } from './csv';
import { loadDocx } from './docx';
import { readJson, readJsonLines } from './json';
import type { Found, ParsedKind, ReadTask } from './messages';
import { Refusal, type Parsed } from './parsed';
import { loadPdf } from './pdf';

export interface ParseTask {
	readonly task: ReadTask;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Said once the parser is loaded and begins. */
export type ParserLoaded = 'loaded';

export type ParseAnswer =
	/** UTF-16, little endian. */
	| { readonly found: Found; readonly text: Uint8Array<ArrayBuffer> }
	| { readonly refused: string; readonly tooLarge: boolean };

type Parse = (bytes: Uint8Array, textLength: number) => Parsed | Promise<Parsed>;

/** Loading a parser takes tens of megabytes, which are not the file's. */
const PARSERS: Readonly<Record<ParsedKind, () => Parse | Promise<Parse>>> = {
	pdf: loadPdf,
	docx: loadDocx,
	csv: async () => ofText(await loadCsv()),
	json: () => ofText(readJson),
	jsonl: () => ofText(readJsonLines),
};

/** A parser of text, given bytes. */
function ofText(parse: (text: string, textLength: number) => Parsed): Parse {
	return async (bytes, textLength) => {
		const { text, warnings = [] } = await decodeText(bytes);
		const parsed = parse(text, textLength);
		return { ...parsed, warnings: [...warnings, ...(parsed.warnings ?? [])] };
	};
}

parentPort?.on('message', (task: ParseTask) => {
	// It never rejects: whatever a parser throws is an answer.
	void answer(task).then((result) => {
		parentPort?.postMessage(result, 'text' in result ? [result.text.buffer] : []);
	});
});

async function answer({ task: { kind, textLength }, bytes }: ParseTask): Promise<ParseAnswer> {
	try {
		const parse = await PARSERS[kind]();
		parentPort?.postMessage('loaded' satisfies ParserLoaded);
		return packed(await parse(bytes, textLength));
	} catch (error) {
		if (error instanceof Refusal) return { refused: error.message, tooLarge: error.tooLarge };
		if (error instanceof DocumentError)
			return { refused: error.message, tooLarge: error.kind === 'tooLarge' };
		return { refused: `The file is not valid ${kind.toUpperCase()}: ${messageOf(error)}`, tooLarge: false };
	}
}

/** Titles longer than this are a sign of a text in the wrong field. */
const TITLE_LENGTH = 2048;

function packed({ text, title, metadata, locations, warnings = [] }: Parsed): ParseAnswer {
	const bytes = new Uint8Array(text.length * 2);
	Buffer.from(bytes.buffer).write(text, 'utf16le');
	return {
		text: bytes,
		found: {
			...(title === undefined ? {} : { title: title.slice(0, TITLE_LENGTH).toWellFormed() }),
			...(metadata === undefined ? {} : { metadata }),
			...(locations === undefined
				? {}
				: { locations: { field: locations.field, starts: Uint32Array.from(locations.starts) } }),
			...(warnings.length === 0 ? {} : { warnings }),
		},
	};
}
