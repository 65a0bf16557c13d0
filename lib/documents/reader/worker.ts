// The thread of the reader's process in which the parsers run (program.ts watches it).
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../support';
import { DocumentError } from '../errors';
import { FORMATS } from '../formats';
import { nestedCollector, nestedReader } from '../formats/nested';
import { KeptPages } from '../formats/ocr/kept';
import { DocumentWriter } from '../formats/writer';
import type { Block, ExtractedText, InnerFile, Locations, ReadDocument } from '../types';
import type { ReadTask } from './messages';

export interface ParseTask {
	readonly task: ReadTask;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Said once the parser is loaded and begins. */
export type ParserLoaded = 'loaded';

/** Said after each page. */
export type PageDone = 'page';

export type ParseAnswer =
	| {
			readonly found: Omit<ExtractedText, 'text'>;
			/** UTF-16, little endian. */
			readonly text: Uint8Array<ArrayBuffer>;
			readonly blocks: readonly Block[];
			readonly files: readonly InnerFile[];
	  }
	| { readonly refused: string; readonly tooLarge: boolean };

parentPort?.on('message', (task: ParseTask) => {
	// It never rejects: whatever a parser throws is an answer.
	void answer(task).then((result) => {
		parentPort?.postMessage(result, 'text' in result ? [result.text.buffer] : []);
	});
});

async function answer({ task, bytes }: ParseTask): Promise<ParseAnswer> {
	const { kind, name, textLength, want } = task;
	const files: InnerFile[] = [];
	const keptPages = new KeptPages(bytes);
	try {
		const parse = await FORMATS[kind]();
		parentPort?.postMessage('loaded' satisfies ParserLoaded);
		const writer = new DocumentWriter(textLength, want === 'blocks');
		const pageDone = (): void => parentPort?.postMessage('page' satisfies PageDone);
		const readNested =
			want === 'files' ? nestedCollector(files) : nestedReader(FORMATS, { pageDone, keptPages });
		await parse({ bytes, ...(name === undefined ? {} : { name }), readNested, pageDone, keptPages }, writer);
		return packed(writer.finish(), want === 'blocks', files);
	} catch (error) {
		if (error instanceof DocumentError) {
			return { refused: error.message, tooLarge: error.kind === 'tooLarge' };
		}
		return { refused: complaintAbout(kind, error), tooLarge: isTooMuch(error) };
	} finally {
		keptPages.close();
	}
}

/** Whether JavaScript itself gave up: a string, an array or a buffer would have been longer than it allows. */
const isTooMuch = (error: unknown): boolean =>
	error instanceof RangeError &&
	/^(?:Invalid (?:string|array|typed array) length|Array buffer alloc)/.test(error.message);

function complaintAbout(kind: string, error: unknown): string {
	if (isTooMuch(error))
		return `The ${kind.toUpperCase()} file holds more in one piece than can be read. Split the file.`;
	if (error instanceof RangeError && error.message.startsWith('Maximum call stack'))
		return `The ${kind.toUpperCase()} file is nested too deeply. Open it in the program it comes from and save it again.`;
	return `The file is damaged, or not the ${kind.toUpperCase()} file it seems to be (${messageOf(error)}). Open it in the program it comes from and save it again.`;
}

function packed(
	{ text, blocks, locations, ...found }: ReadDocument,
	wantsBlocks: boolean,
	files: readonly InnerFile[],
): ParseAnswer {
	const bytes = new Uint8Array(text.length * 2);
	Buffer.from(bytes.buffer).write(text, 'utf16le');
	return {
		found: { ...found, ...(locations ? { locations: locations.map(compact) } : {}) },
		text: bytes,
		blocks: wantsBlocks ? blocks : [],
		files,
	};
}

/** Numbers as arrays that are copied at once. */
function compact({ field, starts, labels }: Locations): Locations {
	const list = labels && Array.from(labels);
	return {
		field,
		starts: Uint32Array.from(starts),
		...(list && {
			labels: list.every((label) => typeof label === 'number') ? Uint32Array.from(list) : list,
		}),
	};
}
