import { createSlicer, formatCount } from '../support';
import { DocumentError } from './errors';
import { gridOf } from './formats/tableText';
import type { Block, Locations, ReadDocument } from './types';

/** Parts that people turn or click to, and by which a document can be taken apart. */
const PARTS = ['page', 'slide', 'sheet'] as const;

/**
 * Cells of all tables of a file, empty ones too: some 200 MB. A sheet of a megabyte can have one full row of 16,384 columns and
 * 60,000 rows of one cell, each of which becomes as wide.
 */
const MAX_CELLS = 5_000_000;

/** Where something stands: a page, slide or sheet, and its number or name. */
export interface PartPlace {
	readonly field: (typeof PARTS)[number];
	readonly label: number | string;
}

export interface DocumentPart {
	/** Of a document without pages, slides or sheets there is none. */
	readonly place?: PartPlace;
	readonly text: string;
}

export interface DocumentTable {
	readonly place?: PartPlace;
	/** Names of its columns, each once. */
	readonly columns: string[];
	/** The cells of each row, in the order of the columns; empty ones are ''. */
	readonly rows: string[][];
}

/** The text of each page, slide or sheet; of a document without any, its whole text. Empty parts are left out. */
export function partsOf({ text, locations }: Pick<ReadDocument, 'text' | 'locations'>): DocumentPart[] {
	const places = placesOf(locations);
	if (!places) return [{ text }];
	const starts = Array.from(places.starts);
	return starts.flatMap((start, at): DocumentPart[] => {
		// What stands before the first page belongs to it.
		const part = text.slice(at === 0 ? 0 : start, starts[at + 1]).trim();
		return part === '' ? [] : [{ place: placeAt(places, at), text: part }];
	});
}

/** How many pages, slides or sheets the document has; undefined where it has none. */
export const partCount = ({ locations }: Pick<ReadDocument, 'locations'>): number | undefined =>
	placesOf(locations)?.starts.length;

/**
 * The tables of a document: those within its text, and the rows of each sheet or of a file of records. The first row has the
 * names of the columns where nothing else says so.
 * @throws DocumentError where they have too many cells
 */
export async function tablesOf({
	blocks,
	locations,
}: Pick<ReadDocument, 'blocks' | 'locations'>): Promise<DocumentTable[]> {
	const turn = createSlicer();
	let cells = 0;
	const room: Room = async (count) => {
		cells += count;
		if (cells > MAX_CELLS) {
			throw new DocumentError(
				'tooLarge',
				`The tables of the file have more than ${formatCount(MAX_CELLS)} cells, empty ones included. Set Output to "One Item per Page, Slide or Sheet", or split the file.`,
			);
		}
		await turn();
	};
	const places = placesOf(locations);
	let part = -1;
	const found: DocumentTable[] = [];
	let records: Block[] = [];
	let place: PartPlace | undefined;
	const endRecords = async (): Promise<void> => {
		if (records.length > 0) found.push({ ...(place && { place }), ...(await tableOfRecords(records, room)) });
		records = [];
	};
	for (const block of blocks) {
		const before = part;
		while (places && part + 1 < places.starts.length && (places.starts[part + 1] ?? 0) <= block.start) part++;
		if (part !== before) await endRecords();
		place = places && part >= 0 ? placeAt(places, part) : undefined;
		if (block.type === 'record') records.push(block);
		else if (block.table) found.push({ ...(place && { place }), ...(await tableOfCells(block.table, room)) });
	}
	await endRecords();
	return found;
}

function placesOf(
	locations: readonly Locations[] = [],
): (Locations & { field: PartPlace['field'] }) | undefined {
	for (const field of PARTS) {
		const found = locations.find((each) => each.field === field);
		if (found) return { ...found, field };
	}
	return undefined;
}

const placeAt = ({ field, labels }: Locations & { field: PartPlace['field'] }, at: number): PartPlace => ({
	field,
	label: labels?.[at] ?? at + 1,
});

/** Asked before so many cells are made. @throws DocumentError where there are too many */
type Room = (cells: number) => Promise<void>;

async function tableOfCells(
	table: NonNullable<Block['table']>,
	room: Room,
): Promise<Pick<DocumentTable, 'columns' | 'rows'>> {
	const [first, ...others] = gridOf(table);
	const width = others.reduce((most, { cells }) => Math.max(most, cells.length), first?.cells.length ?? 0);
	const padded = (cells: readonly string[]): string[] =>
		Array.from({ length: width }, (_, at) => cells[at] ?? '');
	const rows: string[][] = [];
	for (const { cells } of others) {
		await room(width);
		rows.push(padded(cells));
	}
	return { columns: namesOnce(padded(first?.cells ?? [])), rows };
}

async function tableOfRecords(
	records: readonly Block[],
	room: Room,
): Promise<Pick<DocumentTable, 'columns' | 'rows'>> {
	const columns = new Map<string, number>();
	for (const { fields = [] } of records) {
		await room(0);
		for (const [name] of fields) if (!columns.has(name)) columns.set(name, columns.size);
	}
	const rows: string[][] = [];
	for (const { fields = [] } of records) {
		await room(columns.size);
		const cells = Array.from({ length: columns.size }, () => '');
		for (const [name, value] of fields) cells[columns.get(name) ?? 0] = value;
		rows.push(cells);
	}
	return { columns: namesOnce([...columns.keys()]), rows };
}

/** Columns without a name are called by their number; a name that stands twice gets one. */
function namesOnce(names: readonly string[]): string[] {
	const taken = new Set<string>();
	return names.map((given, at) => {
		const name = given === '' ? `column ${at + 1}` : given;
		let free = name;
		for (let count = 2; taken.has(free); count++) free = `${name} ${count}`;
		taken.add(free);
		return free;
	});
}
