/** Types of files that a parser in the reader's process reads. */
export const PARSED_KINDS = [
	'html',
	'pdf',
	'docx',
	'pptx',
	'xlsx',
	'xls',
	'ods',
	'csv',
	'json',
	'jsonl',
] as const;

export type ParsedKind = (typeof PARSED_KINDS)[number];

/** Types of files by how they are read; `docx`, `xlsx` and `pptx` with or without macros. `binary`: nothing that can be read, see `refusalOf`. */
export type FileKind = 'text' | 'markdown' | ParsedKind | 'binary';
