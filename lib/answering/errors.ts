import { LocalEngineError } from '../support';

/**
 * `invalidRequest`: nothing to answer or to check, or more of it than allowed. `badAnswer`: the embedding gave another number
 * of vectors than it was given texts.
 */
export type AnsweringErrorKind = 'invalidRequest' | 'badAnswer';

export class AnsweringError extends LocalEngineError<AnsweringErrorKind> {}
