export * from './builtin';
export * from './errors';
export { assertSameSpace, compareFingerprints } from './fingerprint';
export { countTokens, staticTokenVectors, tokenize } from './tokens';
export type { StaticTokens } from './staticModel';
export * from './types';
export type { Tokens } from './wordpiece';
