import type { TableCell } from '../../types';
import type { Attributes } from './elements';
import { lineOf, type Emitted } from './emitted';

/** Cells a table may cover by one cell; HTML allows 1,000 columns and 65,534 rows. */
const MAX_SPAN = 1000;

interface Cell extends Omit<TableCell, 'text'> {
	readonly blocks: Emitted[];
}

/** A table that is open: its cells hold blocks until it is known whether it is data or only lays out the page. */
export class OpenTable {
	private readonly rows: Cell[][] = [];
	private isPlain: boolean;
	private inHead = false;

	/** @param tight whether it begins on a new line only */
	constructor(
		{ role }: Attributes,
		private readonly tight: boolean,
	) {
		this.isPlain = role === 'presentation' || role === 'none';
	}

	setHead(on: boolean): void {
		this.inHead = on;
	}

	openRow(): void {
		this.rows.push([]);
	}

	/** Returns where the blocks of the cell go. */
	openCell(name: string, { colspan, rowspan }: Attributes): Emitted[] {
		const columns = spanOf(colspan);
		const rows = spanOf(rowspan);
		const cell: Cell = {
			blocks: [],
			...(name === 'th' || this.inHead ? { isHeader: true } : {}),
			...(columns > 1 ? { columns } : {}),
			...(rows > 1 ? { rows } : {}),
		};
		if (this.rows.length === 0) this.openRow();
		this.rows.at(-1)?.push(cell);
		return cell.blocks;
	}

	/** The table as a block; the blocks in its cells where it only lays out the page. */
	close(): Emitted[] {
		const rows = this.rows.filter((row) => row.length > 0);
		if (rows.length === 0) return [];
		if (this.laysOut(rows)) return rows.flatMap((row) => row.flatMap(({ blocks }) => blocks));
		const table = rows.map((row) => row.map(({ blocks, ...cell }) => ({ ...cell, text: lineOf(blocks) })));
		return [{ type: 'table', text: '', tight: this.tight, table }];
	}

	private laysOut(rows: readonly Cell[][]): boolean {
		const cells = rows.flat();
		if (this.isPlain) return true;
		if (cells.some(({ isHeader }) => isHeader === true)) return false;
		return (
			rows.every((row) => row.length === 1) ||
			cells.some(({ blocks }) => blocks.some(({ type }) => type === 'table' || type === 'heading'))
		);
	}
}

function spanOf(value: string | undefined): number {
	const span = Number.parseInt(value ?? '1', 10);
	return Number.isFinite(span) ? Math.min(Math.max(span, 1), MAX_SPAN) : 1;
}
