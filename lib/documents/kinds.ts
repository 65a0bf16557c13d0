/** Types of files that a parser in the reader's process reads. */
export const PARSED_KINDS = ['html', 'pdf', 'docx', 'csv', 'json', 'jsonl'] as const;

export type ParsedKind = (typeof PARSED_KINDS)[number];

/** Types of files by how they are read. `binary`: nothing that can be read, see `refusalOf`. */
export type FileKind = 'text' | 'markdown' | ParsedKind | 'binary';
