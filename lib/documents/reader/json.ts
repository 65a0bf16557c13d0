import { Paragraphs, Refusal, type Parsed } from './parsed';

/** Values nested deeper are printed as JSON. */
const MAX_DEPTH = 32;

/** A list of records, each a paragraph, or one value as `path: value` lines. */
export function readJson(data: string, textLength: number): Parsed {
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

export function readJsonLines(data: string, textLength: number): Parsed {
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
		} else if (depth >= MAX_DEPTH) lines.push(`${path}: ${JSON.stringify(entry)}`);
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
