import { LocalEngineError } from '../support';

/**
 * `invalidOptions`: a parameter outside its range. `invalidData`: an observation that cannot be counted or tested (not a
 * number, not an outcome of the metric). `notFound`: no experiment of that name.
 */
export type ExperimentErrorKind = 'invalidOptions' | 'invalidData' | 'notFound';

export class ExperimentError extends LocalEngineError<ExperimentErrorKind> {}
