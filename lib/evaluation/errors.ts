import { LocalEngineError } from '../support';

/**
 * `invalidOptions`: a parameter outside its range. `invalidData`: a question, passage or observation that cannot be scored
 * (an offset outside its source, nothing expected, not a number). `notFound`: no experiment of that name.
 */
export type EvaluationErrorKind = 'invalidOptions' | 'invalidData' | 'notFound';

export class EvaluationError extends LocalEngineError<EvaluationErrorKind> {}
