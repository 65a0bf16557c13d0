import { formatCount, type JsonValue } from '../../support';
import { DocumentError } from '../errors';
import type { Block, Locations, PlaceField, ReadDocument, Table } from '../types';
import { withoutUnseen } from './symbols';
import { tableText } from './tableText';

/** Titles longer than this are a sign of a text in the wrong field. */
const TITLE_LENGTH = 2048;
/** Warnings kept of one file; more say nothing new. */
const MAX_WARNINGS = 20;

interface BlockOptions {
	/** Begins on a new line only, without an empty line before it. */
	readonly tight?: boolean;
}

interface PlaceList {
	readonly starts: number[];
	readonly labels: Array<number | string>;
}

/**
 * Collects a document block by block: the text with an empty line between blocks, where each block stands, and where pages,
 * slides, sheets and rows begin. Every reader writes into one of these.
 */
export class DocumentWriter {
	readonly metadata: { [key: string]: JsonValue } = {};
	readonly blocks: Block[] = [];
	private readonly parts: string[] = [];
	private readonly places = new Map<PlaceField, PlaceList>();
	private readonly warnings: string[] = [];
	private length = 0;
	private foundTitle: string | undefined;

	/**
	 * @param textLength bound of the text, in UTF-16 code units
	 * @param keepsFields blocks of records have their fields: as much memory again as their text
	 */
	constructor(
		private readonly textLength: number,
		readonly keepsFields = false,
	) {}

	/** Characters written so far. */
	get size(): number {
		return this.length;
	}

	/** Characters that may still be written. */
	get room(): number {
		return Math.max(this.textLength - this.length, 0);
	}

	get title(): string | undefined {
		return this.foundTitle;
	}

	/** The first title that is not empty stays. */
	setTitle(title: string | undefined): void {
		const line = title?.replace(/\s+/g, ' ').trim().slice(0, TITLE_LENGTH).toWellFormed();
		if (line !== undefined && line !== '') this.foundTitle ??= line;
	}

	/** A fact about the whole file; empty ones are left out. */
	setFact(name: string, value: JsonValue | undefined): void {
		if (value === undefined || value === null || value === '') return;
		this.metadata[name] = typeof value === 'string' ? value.slice(0, TITLE_LENGTH).toWellFormed() : value;
	}

	/** Something the user should know although the file was read; each sentence once. */
	warn(warning: string): void {
		if (this.warnings.length < MAX_WARNINGS && !this.warnings.includes(warning)) this.warnings.push(warning);
	}

	/** A page, slide, sheet, row, record or line begins with what is written next. */
	place(field: PlaceField, label: number | string): void {
		let list = this.places.get(field);
		if (!list) this.places.set(field, (list = { starts: [], labels: [] }));
		list.starts.push(this.length === 0 ? 0 : this.length + 2);
		list.labels.push(label);
	}

	/** @param level from 1 */
	heading(level: number, text: string): void {
		const line = text.replace(/\s+/g, ' ').trim();
		if (line === '') return;
		const depth = Math.min(Math.max(Math.round(level), 1), 6);
		this.add('heading', `${'#'.repeat(depth)} ${line}`, {}, { level: depth });
	}

	paragraph(text: string, options: BlockOptions = {}): void {
		this.add('paragraph', text.trim(), options);
	}

	/** @param marker the number or bullet as it is printed; `depth` from 1 */
	listItem(text: string, marker = '-', depth = 1, options?: BlockOptions): void {
		const indent = '  '.repeat(Math.min(Math.max(depth, 1), 20) - 1);
		const line = text.trim();
		if (line === '') return;
		const item = { level: Math.max(depth, 1), marker };
		const between = options ?? { tight: this.blocks.at(-1)?.type === 'listItem' };
		this.add('listItem', `${indent}${marker} ${line}`, between, item);
	}

	table(table: Table, options: BlockOptions = {}): void {
		this.add('table', tableText(table), options, { table });
	}

	/** A row of a sheet or a record of a file: `name: value` lines. Fields without a value are left out. */
	record(fields: ReadonlyArray<readonly [name: string, value: string]>): void {
		const lines = fields.filter(([, value]) => value.trim() !== '');
		const text = lines.map(([name, value]) => (name === '' ? value : `${name}: ${value}`)).join('\n');
		this.add('record', text, {}, this.keepsFields ? { fields: lines } : {});
	}

	/** What stands beside the text: a footnote, a comment, the notes of a speaker, a header or footer. */
	note(text: string, options: BlockOptions = {}): void {
		this.add('note', text.trim(), options);
	}

	code(text: string): void {
		if (text.trim() === '') return;
		this.add('code', `\`\`\`\n${text.replace(/\n$/, '')}\n\`\`\``);
	}

	private add(
		type: Block['type'],
		given: string,
		{ tight = false }: BlockOptions = {},
		more: Pick<Block, 'level' | 'marker' | 'table' | 'fields'> = {},
	): void {
		const text = withoutUnseen(given);
		if (text === '') return;
		const separator = this.length === 0 ? '' : tight ? '\n' : '\n\n';
		const start = this.length + separator.length;
		if (tight) this.movePlaces(start);
		this.parts.push(separator, text);
		this.length = start + text.length;
		this.blocks.push({ type, start, end: this.length, ...more });
		if (this.length > this.textLength) {
			throw new DocumentError(
				'tooLarge',
				`The text of the file is longer than ${formatCount(this.textLength)} characters. Split the file.`,
			);
		}
	}

	/** A place was taken to begin behind an empty line. */
	private movePlaces(start: number): void {
		for (const { starts } of this.places.values()) {
			for (let at = starts.length - 1; at >= 0 && (starts[at] ?? 0) > start; at--) starts[at] = start;
		}
	}

	/** The document of a file within this one; its warnings say which file they are about. */
	include({ text, blocks, warnings = [] }: ReadDocument, name: string): void {
		if (text === '') return;
		const start = this.length === 0 ? 0 : this.length + 2;
		this.parts.push(this.length === 0 ? '' : '\n\n', text);
		this.length = start + text.length;
		for (const block of blocks) {
			this.blocks.push({ ...block, start: block.start + start, end: block.end + start });
		}
		for (const warning of warnings) this.warn(`${name}: ${warning}`);
	}

	finish(): ReadDocument {
		const text = this.parts.join('').toWellFormed();
		const locations = [...this.places].map(([field, { starts, labels }]): Locations => {
			const clamped = starts.map((start) => Math.min(start, text.length));
			const isNumbered = labels.every((label, at) => label === at + 1);
			return { field, starts: clamped, ...(isNumbered ? {} : { labels }) };
		});
		return {
			text,
			blocks: this.blocks,
			...(this.foundTitle === undefined ? {} : { title: this.foundTitle }),
			...(Object.keys(this.metadata).length === 0 ? {} : { metadata: this.metadata }),
			...(locations.length === 0 ? {} : { locations }),
			...(this.warnings.length === 0 ? {} : { warnings: this.warnings }),
		};
	}
}
