import { stripVTControlCharacters } from 'node:util';
import { asArray, asObject, asString } from '../../support';
import { decodeText } from '../decode';
import type { Parse } from './parse';

/** The parser of Jupyter notebooks (IPYNB): texts, code, and what it printed. */
export function loadNotebook(): Parse {
	return async ({ bytes }, writer) => {
		const { text } = await decodeText(bytes);
		const notebook = asObject(JSON.parse(text.replace(/^\uFEFF/, '')));
		const title = asString(asObject(notebook?.metadata)?.title);
		writer.setTitle(title);
		// Before version 4 cells stood in sheets.
		const sheets = asArray(notebook?.worksheets).flatMap((sheet) => asArray(asObject(sheet)?.cells));
		for (const given of [...asArray(notebook?.cells), ...sheets]) {
			const cell = asObject(given);
			const source = joined(cell?.source ?? cell?.input);
			if (cell?.cell_type === 'code') {
				writer.code(source);
				for (const output of asArray(cell.outputs)) writer.code(printedBy(output));
			} else if (cell?.cell_type === 'heading') writer.heading(Number(cell.level) || 1, source);
			else for (const part of source.split(/\n\s*\n/)) writer.paragraph(part);
		}
	};
}

function printedBy(given: unknown): string {
	const output = asObject(given);
	const data = asObject(output?.data);
	// What it printed for a terminal has colours in it.
	return stripVTControlCharacters(joined(output?.text ?? data?.['text/plain']));
}

const joined = (value: unknown): string =>
	Array.isArray(value) ? value.map((line) => asString(line) ?? '').join('') : (asString(value) ?? '');
