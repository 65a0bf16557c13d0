export { detectKind, type FileKind } from './detect';
export * from './errors';
export { extractText, READ_LIMITS } from './extractText';
export type * from './types';
