import { LocalEngineError } from '../support';

/**
 * modelMissing: files of a built-in model are absent or damaged · tooLong: a text exceeds what the model reads ·
 * overloaded: the queue of the built-in encoder is full · encoderFailed: the encoder process cannot start or keeps
 * dying · badAnswer: vectors of the wrong shape or without meaning · drift: a model no longer gives the vectors it
 * gave · invalidOptions · cancelled · closed
 */
export type EmbeddingErrorKind =
	| 'modelMissing'
	| 'tooLong'
	| 'overloaded'
	| 'encoderFailed'
	| 'badAnswer'
	| 'drift'
	| 'invalidOptions'
	| 'cancelled'
	| 'closed';

export class EmbeddingError extends LocalEngineError<EmbeddingErrorKind> {}
