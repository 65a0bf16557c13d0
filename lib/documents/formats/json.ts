import { messageOf } from '../../support';
import { decodeText } from '../decode';
import { DocumentError } from '../errors';
import { EmbeddedFiles } from './embedded';
import type { Parse } from './parse';

/** Values nested deeper are printed as JSON. */
const MAX_DEPTH = 32;

/** A number as the file writes it: JavaScript's own would round big ones and drop zeros. */
class Written {
	constructor(readonly source: string) {}
}

/** A list of records, each a paragraph, or one value as `path: value` lines. */
export function loadJson(): Parse {
	return async ({ bytes, readNested }, writer) => {
		const { text, warnings } = await decodeText(bytes);
		for (const warning of warnings ?? []) writer.warn(warning);
		const files = new EmbeddedFiles();
		const value = parseExactly(text);
		if (!Array.isArray(value)) {
			writer.record([['', linesOfValue(value, files)]]);
			await files.read(readNested, writer);
			return;
		}
		value.forEach((record: unknown, at) => {
			writer.place('record', at + 1);
			writer.record([['', linesOfValue(record, files)]]);
		});
		await files.read(readNested, writer);
		writer.setFact('records', value.length);
	};
}

/** A record in each line. */
export function loadJsonLines(): Parse {
	return async ({ bytes, readNested }, writer) => {
		const { text, warnings } = await decodeText(bytes);
		for (const warning of warnings ?? []) writer.warn(warning);
		const files = new EmbeddedFiles();
		let number = 0;
		for (const line of text.split(/\r?\n/)) {
			number++;
			if (line.trim() === '') continue;
			let value: unknown;
			try {
				value = parseExactly(line);
			} catch (error) {
				throw new DocumentError(
					'unreadable',
					`Line ${number} is not JSON: ${messageOf(error)}. Correct the line and send the file again.`,
				);
			}
			writer.place('line', number);
			writer.record([['', linesOfValue(value, files)]]);
		}
		await files.read(readNested, writer);
	};
}

/** The value with each number as it is written. */
export function parseExactly(text: string): unknown {
	const parse: (
		text: string,
		reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
	) => unknown = JSON.parse;
	return parse(text.replace(/^\uFEFF/, ''), (_, value, context) =>
		typeof value === 'number' && context?.source !== undefined ? new Written(context.source) : value,
	);
}

function printed(scalar: unknown): string {
	return scalar instanceof Written
		? scalar.source
		: typeof scalar === 'string'
			? scalar
			: JSON.stringify(scalar);
}

/** JSON of a value with its numbers as they are written. */
function jsonOf(value: unknown): string {
	if (value instanceof Written) return value.source;
	if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	return `{${Object.entries(value)
		.map(([key, inner]) => `${JSON.stringify(key)}:${jsonOf(inner)}`)
		.join(',')}}`;
}

const isScalar = (value: unknown): boolean =>
	typeof value !== 'object' || value === null || value instanceof Written;

/** `path: value` lines of a value that `parseExactly` gave. */
function linesOfValue(value: unknown, files: EmbeddedFiles): string {
	const lines: string[] = [];
	const visit = (entry: unknown, path: string, depth: number): void => {
		if (isScalar(entry)) {
			if (entry === null || entry === '') return;
			if (typeof entry === 'string' && files.take(path || 'file', entry)) return;
			lines.push(path === '' ? printed(entry) : `${path}: ${printed(entry)}`);
		} else if (depth >= MAX_DEPTH) lines.push(`${path}: ${jsonOf(entry)}`);
		else if (Array.isArray(entry)) {
			if (entry.every(isScalar)) {
				const list = entry.map(printed).join(', ');
				if (entry.length > 0) lines.push(path === '' ? list : `${path}: ${list}`);
			} else entry.forEach((inner: unknown, at) => visit(inner, `${path}[${at + 1}]`, depth + 1));
		} else {
			for (const [key, inner] of Object.entries(entry as object))
				visit(inner, path === '' ? key : `${path}.${key}`, depth + 1);
		}
	};
	visit(value, '', 0);
	return lines.join('\n');
}
