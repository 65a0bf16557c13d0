import type { ParsedKind } from '../kinds';
import { loadCsv } from './csv';
import { loadDocx } from './docx';
import { loadHtml } from './html';
import { loadJson, loadJsonLines } from './json';
import { loadPdf } from './pdf';
import { loadWorkbook } from './sheet';
import { loadPptx } from './slides/pptx';
import type { Parse } from './parse';

/** Loading a parser takes tens of megabytes, which are not the file's. */
export const FORMATS: Readonly<Record<ParsedKind, () => Parse | Promise<Parse>>> = {
	html: loadHtml,
	pdf: loadPdf,
	docx: loadDocx,
	pptx: loadPptx,
	xlsx: loadWorkbook,
	xls: loadWorkbook,
	ods: loadWorkbook,
	csv: loadCsv,
	json: loadJson,
	jsonl: loadJsonLines,
};
