import type { CellObject, WorkBook, WorkSheet } from '@e965/xlsx';
import { DocumentError } from '../../errors';
import { decodeText } from '../../decode';
import { unpack, zipEntries } from '../../zip';
import type { Parse } from '../parse';
import { writeRecords } from '../records';
import type { DocumentWriter } from '../writer';
import { loadXmlReader, type ReadXml } from '../xml';
import { cellText } from './cellText';
import { withDefaultPassword } from './defaultPassword';
import { openDrawings } from './drawings';
import { openPackage } from './packageKey';

/** The parser of workbooks: XLSX, XLSM, XLSB, XLS and ODS, and those in a single part of XML. */
export async function loadWorkbook(): Promise<Parse> {
	const [xlsx, readXml] = await Promise.all([import('@e965/xlsx'), loadXmlReader()]);
	return async ({ bytes: given }, writer) => {
		const bytes = await inUtf8(given);
		if (isLockedOds(bytes)) throw locked();
		const { book, file: workbook } = readBook(
			(file) =>
				xlsx.read(file, {
					type: 'buffer',
					dense: true,
					cellNF: true,
					cellFormula: true,
					sheetStubs: true,
					cellHTML: false,
				}),
			bytes,
			() => opened(bytes, xlsx.CFB as Containers, readXml),
		);
		const { Props: { Title, Author, ModifiedDate } = {} } = book;
		writer.setTitle(Title);
		writer.setFact('author', Author);
		if (ModifiedDate instanceof Date && !Number.isNaN(ModifiedDate.getTime()))
			writer.setFact('modified', ModifiedDate.toISOString().slice(0, 10));
		const { is_date: isDate } = xlsx.SSF as { readonly is_date: (format: string) => boolean };
		const epoch1904 = book.Workbook?.WBProps?.date1904 === true;
		const drawings = openDrawings(workbook, readXml);
		book.SheetNames.forEach((name, at) => {
			const sheet = book.Sheets[name];
			// Names of damaged files have control characters in them.
			const shown = /[\p{Cc}\ufffd]/u.test(name) ? `Sheet ${at + 1}` : name;
			if (!sheet) return;
			const isWritten = writeSheet(shown, sheet, { isDate, epoch1904 }, writer);
			if (!isWritten && drawings.has(name)) beginSheet(shown, writer);
			drawings.write(name, writer);
		});
		writer.setFact('sheets', book.SheetNames.slice(0, 200));
	};
}

const locked = (): DocumentError =>
	new DocumentError(
		'unreadable',
		'The workbook is protected by a password. Open it, remove the password (in Excel: File, Info, Protect Workbook) and save it again.',
	);

/** SheetJS takes XML in UTF-8 without white space before it; otherwise it reads its lines as those of a CSV file. */
async function inUtf8(bytes: Uint8Array): Promise<Uint8Array> {
	const start = Buffer.from(bytes.subarray(0, 4096)).toString('latin1').trimStart();
	// The mark of UTF-8 or UTF-16, and "<".
	if (!/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|<)/.test(start)) return bytes;
	return Buffer.from((await decodeText(bytes, 'xml')).text.trimStart());
}

/** Whether an OpenDocument file is encrypted, as its list of parts says. */
function isLockedOds(bytes: Uint8Array): boolean {
	const entry = zipEntries(bytes)?.find(({ name }) => name === 'META-INF/manifest.xml');
	return entry !== undefined && Buffer.from(unpack(bytes, entry, 1 << 20)).includes('encryption-data');
}

/** @param open the file without the password that Excel itself gave it; undefined where it has another one */
function readBook(
	read: (file: Uint8Array) => WorkBook,
	bytes: Uint8Array,
	open: () => Uint8Array | undefined,
): { readonly book: WorkBook; readonly file: Uint8Array } {
	try {
		return { book: read(bytes), file: bytes };
	} catch (error) {
		if (!(error instanceof Error && /password|encrypt/i.test(error.message))) throw error;
		const file = open();
		if (file) return { book: read(file), file };
		throw locked();
	}
}

/** What SheetJS does with OLE files. */
interface Containers {
	read(data: Uint8Array, options: { type: 'buffer' }): object;
	find(file: object, path: string): { content: Uint8Array } | null;
	write(file: object, options: { type: 'buffer' }): Uint8Array;
}

function opened(bytes: Uint8Array, containers: Containers, readXml: ReadXml): Uint8Array | undefined {
	const file = containers.read(Buffer.from(bytes), { type: 'buffer' });
	const info = containers.find(file, '/EncryptionInfo');
	const encrypted = containers.find(file, '/EncryptedPackage');
	if (info && encrypted)
		return openPackage(Buffer.from(info.content), Buffer.from(encrypted.content), readXml);
	const stream = containers.find(file, '/Workbook') ?? containers.find(file, '/Book');
	const plain = stream ? withDefaultPassword(Buffer.from(stream.content)) : undefined;
	if (!stream || !plain) return undefined;
	stream.content = plain;
	return containers.write(file, { type: 'buffer' });
}

interface Formats {
	readonly isDate: (format: string) => boolean;
	/** Whether days are counted from 1904 on. */
	readonly epoch1904: boolean;
}

/** Returns whether there is anything in its cells. */
function writeSheet(name: string, sheet: WorkSheet, formats: Formats, writer: DocumentWriter): boolean {
	const { rows, numbers, notes, unknown } = rowsOf(sheet, formats);
	if (rows.length === 0) return false;
	beginSheet(name, writer);
	writeRecords(rows, writer, (position) => numbers[position] ?? position + 1);
	for (const note of notes) writer.note(note);
	if (unknown > 0) {
		writer.warn(
			`The sheet "${name}" has ${unknown === 1 ? 'a formula' : `${unknown} formulas`} without a stored value; the formula was stored. Open the file in Excel or LibreOffice and save it, so that the values are in it.`,
		);
	}
	return true;
}

function beginSheet(name: string, writer: DocumentWriter): void {
	writer.place('sheet', name);
	writer.heading(1, name);
}

/** Cells written again because they are merged with the first of their range; ranges of one sheet do not overlap. */
const MAX_MERGED = 5_000_000;

interface SheetRows {
	/** Rows that are not empty. */
	readonly rows: string[][];
	/** The number of each row in the sheet, from 1. */
	readonly numbers: number[];
	readonly notes: string[];
	/** Formulas without a value. */
	readonly unknown: number;
}

function rowsOf(sheet: WorkSheet, { isDate, epoch1904 }: Formats): SheetRows {
	const found = { rows: [] as string[][], numbers: [] as number[], notes: [] as string[], unknown: 0 };
	const data = (sheet['!data'] ?? []) as Array<Array<CellObject | undefined> | undefined>;
	// Most rows may be missing: a damaged file numbers its only one 4,000,000,000.
	const filled = Object.keys(data).map(Number);
	const values = new Map(
		filled.map((at) => [at, (data[at] ?? []).map((cell) => (cell ? cellText(cell, isDate, epoch1904) : ''))]),
	);
	fillMerged(sheet, filled.at(-1) ?? 0, values);
	for (const at of [...values.keys()].sort((a, b) => a - b)) {
		for (const cell of data[at] ?? []) {
			if (cell?.f !== undefined && (cell.v === undefined || cell.t === 'z')) found.unknown++;
			for (const { t, a } of cell?.c ?? []) {
				if (t?.trim()) found.notes.push(`Note on row ${at + 1}${a ? ` (${a})` : ''}: ${t.trim()}`);
			}
		}
		// The array has holes where cells are missing.
		const cells = Array.from(values.get(at) ?? [], (value) => value ?? '');
		if (cells.every((value) => value.trim() === '')) continue;
		found.rows.push(cells);
		found.numbers.push(at + 1);
	}
	return found;
}

/** What stands in merged cells stands in the first of them: it holds for each of their rows. @param last row of the sheet */
function fillMerged(sheet: WorkSheet, last: number, values: Map<number, string[]>): void {
	let left = MAX_MERGED;
	for (const { s, e } of sheet['!merges'] ?? []) {
		const value = values.get(s.r)?.[s.c];
		if (value === undefined || value === '') continue;
		for (let row = s.r + 1; row <= Math.min(e.r, last) && left > 0; row++, left--) {
			const cells = values.get(row);
			if (!cells) values.set(row, Object.assign([], { [s.c]: value }));
			else if (cells[s.c] === undefined || cells[s.c] === '') cells[s.c] = value;
		}
	}
}
