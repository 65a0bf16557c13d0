import { LocalEngineError } from '../support';

/**
 * `invalidName`, `invalidKey`: what was given cannot be one · `refused`: the key does not open the space · `spaceClosed`: the default
 * space is closed · `notConfirmed`: nothing was dropped · `damaged`: the space cannot be read.
 */
export type SpaceErrorKind =
	| 'invalidName'
	| 'invalidKey'
	| 'refused'
	| 'spaceClosed'
	| 'notConfirmed'
	| 'damaged';

export class SpaceError extends LocalEngineError<SpaceErrorKind> {}
