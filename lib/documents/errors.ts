import { LocalEngineError } from '../support';

/**
 * - `unreadable`: the file is damaged, protected, empty, or of no type that can be read.
 * - `tooLarge`: reading it takes more time, memory or text than allowed.
 * - `overloaded`: too many files are waiting to be read.
 * - `ended`: the process that reads files ended early, through no fault that is known of the file.
 */
export type DocumentErrorKind = 'unreadable' | 'tooLarge' | 'overloaded' | 'ended';

export class DocumentError extends LocalEngineError<DocumentErrorKind> {}
