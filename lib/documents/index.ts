export { detectKind } from './detect';
export * from './errors';
export type { FileKind } from './kinds';
export { extractText, isContainer, openContainer, readDocument, READ_LIMITS } from './readDocument';
export { readerOf } from './readers';
export type * from './types';
