export { findProgram, OwnProcess, type Ending, type ProcessSettings } from './ownProcess';
export { ProcessError, ProcessPool, type PoolSettings, type ProcessErrorKind } from './pool';
export { connectToParent } from './program';
