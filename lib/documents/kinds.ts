/** Types of files that a parser in the reader's process reads. */
export type ParsedKind =
	| ('pdf' | 'docx' | 'doc' | 'odt' | 'rtf' | 'xlsx' | 'xls' | 'ods' | 'pptx' | 'odp')
	| ('eml' | 'mbox' | 'msg' | 'epub' | 'html' | 'xml' | 'csv' | 'json' | 'jsonl')
	| ('subtitles' | 'calendar' | 'notebook' | 'zip' | 'signed' | 'image');

/** Types of files by how they are read; `docx`, `xlsx` and `pptx` with or without macros,
 * `subtitles`: WebVTT and SRT, `calendar`: ICS and VCF, `notebook`: IPYNB, `signed`: P7M and P7S. `binary`: nothing that can be read, see `refusalOf`. */
export type FileKind = 'text' | 'markdown' | ParsedKind | 'binary';
