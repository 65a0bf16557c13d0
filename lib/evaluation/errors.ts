import { LocalEngineError } from '../support';

/**
 * `invalidOptions`: a parameter outside its range. `invalidData`: a question, passage or observation that cannot be scored
 * (an offset outside its source, nothing expected, not a number).
 */
export type EvaluationErrorKind = 'invalidOptions' | 'invalidData';

export class EvaluationError extends LocalEngineError<EvaluationErrorKind> {}
