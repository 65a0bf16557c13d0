import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as PdfJs from 'pdfjs-dist';
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import { DocumentError } from '../../errors';
import type { KeptPages } from '../ocr/kept';
import type { Parse, ParseInput } from '../parse';
import { writeRecognised } from '../ocr/page';
import { loadOcr } from '../ocr/tesseract';
import type { DocumentWriter } from '../writer';
import { notesOf, withForm, type Annotation } from './annotations';
import { HeadingFinder } from './headings';
import { joinLines, wordsOf } from './hyphens';
import { legible } from '../legible';
import { linesOf, type PageLine } from './lines';
import { inReadingOrder } from './order';
import { withoutStruck } from './struck';
import { segmentsOf } from './tables';
import { pagesAre } from '../pageNumbers';
import { picturesOf } from './pictures';
import { writeProperties } from './properties';
import { runsOf } from './runs';
import { xfaText } from './xfa';

/**
 * Pages that may be scans: those with fewer letters than this (a stamp, a page number, the header of a fax), where pictures
 * cover more than this share of the page.
 */
const SCANS = [
	{ letters: 1, share: 0.05 },
	{ letters: 100, share: 0.4 },
	{ letters: 400, share: 0.7 },
] as const;
/** More letters than this may be a page of their own before a photo, whose words are taken only where they are sure. */
const STAMP_LETTERS = 100;

/** Where the build puts the parts of pdf.js that are needed (gulpfile.js); in the source tree npm has them. */
const ROOT = path.join(__dirname, '..', '..', '..', '..');
const VENDOR = path.join(ROOT, 'vendor', 'pdfjs');
const PDFJS = existsSync(VENDOR) ? VENDOR : path.join(ROOT, 'node_modules', 'pdfjs-dist');
const load = createRequire(__filename);

/** The parser of PDF files: Mozilla's pdf.js, with its own CMaps (letters of East Asia) and standard fonts. */
export async function loadPdf(): Promise<Parse> {
	// pdf.js asks for a canvas at its start, which only drawing needs.
	if (!('DOMMatrix' in globalThis)) Object.assign(globalThis, { DOMMatrix: class {} });
	const pdfjs = load(path.join(PDFJS, 'legacy/build/pdf.mjs')) as typeof PdfJs;
	// The half that parses registers itself; else pdf.js looks for it beside itself at the first file.
	load(path.join(PDFJS, 'legacy/build/pdf.worker.mjs'));
	const data = (name: string): string => `${path.join(PDFJS, name)}${path.sep}`;
	return async ({ bytes, pageDone, keptPages }, writer) => {
		const task = pdfjs.getDocument({
			data: new Uint8Array(bytes),
			...{ cMapUrl: data('cmaps'), standardFontDataUrl: data('standard_fonts'), wasmUrl: data('wasm') },
			...{ enableXfa: true, disableFontFace: true, useSystemFonts: false, verbosity: 0 },
		});
		try {
			await readPdf(await task.promise, writer, { pageDone, keptPages });
		} catch (error) {
			if (!(error instanceof Error) || error.name !== 'PasswordException') throw error;
			throw new DocumentError(
				'unreadable',
				'The PDF is protected by a password. Open it, and save or print it as PDF without one.',
			);
		} finally {
			await task.destroy();
		}
	};
}

/** What was found of pages that could not be read. */
interface Unread {
	readonly pictures: number[];
	readonly letters: number[];
	/** Whose words were recognised, and those of which some may be wrong. */
	readonly recognised: number[];
	readonly unsure: number[];
}

/** What is found out page by page. */
interface Found {
	readonly unread: Unread;
	readonly headings: HeadingFinder;
	readonly keptPages: KeptPages;
}

async function readPdf(
	pdf: PDFDocumentProxy,
	writer: DocumentWriter,
	{ pageDone, keptPages }: Pick<ParseInput, 'pageDone' | 'keptPages'>,
): Promise<void> {
	const unread: Unread = { pictures: [], letters: [], unsure: [], recognised: [] };
	const headings = new HeadingFinder();
	for (let number = 1; number <= pdf.numPages; number++) {
		const page = await pdf.getPage(number);
		writer.place('page', number);
		if (pdf.isPureXfa) writer.paragraph(xfaText(await page.getXfa()));
		else await readPage(page, number, writer, { unread, headings, keptPages });
		page.cleanup();
		pageDone();
	}
	const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
	writeProperties(info, writer);
	writer.setFact('pages', pdf.numPages);
	report(unread, pdf.numPages, writer);
}

/** @throws DocumentError where nothing could be read */
function report(
	{ pictures, letters, recognised, unsure }: Unread,
	pages: number,
	writer: DocumentWriter,
): void {
	const wayOut = 'Scan it with at least 200 dpi, or print it to a new PDF from the program it comes from.';
	if (writer.size === 0) {
		const reason =
			letters.length > 0
				? `The letters of the PDF cannot be read: its fonts do not say which letters they draw. ${wayOut}`
				: pictures.length > 0
					? `The PDF contains no text, only pictures in which none was recognised. ${wayOut}`
					: `The PDF contains no text: ${pages === 1 ? 'its page is' : 'its pages are'} empty. Check that it is the file that you meant to send.`;
		throw new DocumentError('unreadable', reason);
	}
	if (recognised.length > 0) {
		writer.warn(
			`${pagesAre(recognised, 'is a scan', 'are scans')}: the text was recognised and may have mistakes.`,
		);
	}
	if (unsure.length > 0) {
		writer.warn(
			`${pagesAre(unsure, 'is', 'are')} hard to read: some words may be wrong. Scan again with at least 200 dpi.`,
		);
	}
	if (pictures.length > 0) {
		const are = pagesAre(pictures, 'holds only a picture', 'hold only pictures');
		writer.warn(`${are} in which no text was recognised.`);
	}
	if (letters.length > 0) {
		const are = pagesAre(letters, 'cannot be read', 'cannot be read');
		writer.warn(`${are}: the fonts do not say which letters they draw. ${wayOut}`);
	}
}

async function readPage(
	page: PDFPageProxy,
	number: number,
	writer: DocumentWriter,
	{ unread, headings, keptPages }: Found,
): Promise<void> {
	const { items } = await page.getTextContent({ disableNormalization: true });
	const annotations = (await page.getAnnotations().catch(() => [])) as readonly Annotation[];
	const { runs, quarters } = runsOf(items);
	const lines = linesOf(
		withForm(inReadingOrder(withoutStruck(runs, annotations, quarters)), annotations, quarters),
	);
	const text = lines.map((line) => line.text).join('\n');
	const readable = legible(text);
	if (readable === undefined) unread.letters.push(number);
	else writePage(lines, headings, writer);
	if (readable !== undefined && shareOfScan(text) < 1)
		await recogniseScan(page, number, text, writer, { unread, keptPages });
	for (const note of notesOf(annotations)) writer.note(`Note: ${note}`);
}

/** Share of a page with this text that pictures cover if it is a scan; 1 where it is none. */
const shareOfScan = (text: string): number => SCANS.find(({ letters }) => text.length < letters)?.share ?? 1;

/** Recognises the words of a page that is a picture; a stamp or page number on it is its only text. */
async function recogniseScan(
	page: PDFPageProxy,
	number: number,
	text: string,
	writer: DocumentWriter,
	{ unread, keptPages }: Omit<Found, 'headings'>,
): Promise<void> {
	const pictures = await picturesOf(page);
	if (pictures.share <= shareOfScan(text)) return;
	const recognise = await loadOcr();
	const isStamp = text.length < STAMP_LETTERS;
	const state = writeRecognised(keptPages.recognised(recognise, await pictures.draw()), writer, !isStamp);
	if (state === 'unread') {
		if (isStamp) unread.pictures.push(number);
	} else unread.recognised.push(number);
	if (state === 'unsure') unread.unsure.push(number);
}

function writePage(lines: readonly PageLine[], headings: HeadingFinder, writer: DocumentWriter): void {
	const words = wordsOf(lines.map(({ text }) => text).join('\n'));
	headings.see(lines);
	for (const segment of segmentsOf(lines)) {
		if ('table' in segment) {
			writer.table(
				segment.table.map((row) => row.map((cell) => ({ ...cell, text: legible(cell.text) ?? '' }))),
			);
			continue;
		}
		for (const { level, lines: those } of headings.cut(segment.lines)) {
			if (level === undefined) writeText(those, words, writer);
			else writer.heading(level, joinLines(those.map(textOf), words));
		}
	}
}

function writeText(lines: readonly PageLine[], words: ReadonlySet<string>, writer: DocumentWriter): void {
	let paragraph: string[] = [];
	const flush = (): void => {
		writer.paragraph(joinLines(paragraph, words));
		paragraph = [];
	};
	for (const line of lines) {
		if (line.isApart) flush();
		paragraph.push(textOf(line));
	}
	flush();
}

const textOf = ({ text }: PageLine): string => legible(text) ?? '';
