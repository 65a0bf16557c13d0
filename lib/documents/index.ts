export { detectKind } from './detect';
export * from './errors';
export type { FileKind } from './kinds';
export * from './parts';
export { extractText, isContainer, openContainer, readDocument, READ_LIMITS } from './readDocument';
export { hasOlderReader, kindOfReader, readerOf } from './readers';
export type * from './types';
