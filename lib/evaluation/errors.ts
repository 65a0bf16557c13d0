import { LocalEngineError } from '../support';

/**
 * `invalidOptions`: a parameter outside its range. `invalidData`: a question or passage that cannot be scored (an offset
 * outside its source, nothing expected).
 */
export type EvaluationErrorKind = 'invalidOptions' | 'invalidData';

export class EvaluationError extends LocalEngineError<EvaluationErrorKind> {}
