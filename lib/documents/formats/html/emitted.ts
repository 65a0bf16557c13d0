import { gridOf } from '../tableText';
import type { Table } from '../../types';
import type { DocumentWriter } from '../writer';

/** A block on its way to the writer, or held back until it is known what becomes of it. */
export interface Emitted {
	readonly type: 'heading' | 'paragraph' | 'item' | 'table' | 'code';
	readonly text: string;
	readonly tight: boolean;
	readonly level?: number;
	readonly marker?: string;
	readonly table?: Table;
}

export function write(
	{ type, text, tight, level = 1, marker, table }: Emitted,
	writer: DocumentWriter,
): void {
	switch (type) {
		case 'heading':
			return writer.heading(level, text);
		case 'paragraph':
			return writer.paragraph(text, { tight });
		case 'item':
			return writer.listItem(text, marker, level, { tight });
		case 'table':
			return writer.table(table ?? [], { tight });
		case 'code':
			return writer.code(text);
	}
}

/** Blocks as one line: what stands in a cell of a table. */
export function lineOf(blocks: readonly Emitted[]): string {
	return blocks
		.map(({ type, text, marker, table }) => {
			if (table)
				return gridOf(table)
					.map(({ cells }) => cells.join(' '))
					.join('; ');
			return type === 'item' && marker !== undefined && marker !== '-' ? `${marker} ${text}` : text;
		})
		.join(' ');
}

export const lengthOf = (blocks: readonly Emitted[]): number =>
	blocks.reduce((sum, { text, table }) => sum + text.length + (table ? JSON.stringify(table).length : 0), 0);
