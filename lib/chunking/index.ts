export { bpeCounter, type Encoding } from './bpe';
export { CODE_LANGUAGE_NAMES, type CodeLanguageName } from './codeLanguages';
export { chunk, chunkSync } from './chunk';
export { ChunkingError, type ChunkingErrorKind } from './errors';
export { CHUNK_DEFAULTS } from './defaults';
export { chunkPreview } from './preview';
export { chunkStatistics, type ChunkStatistics } from './statistics';
export type * from './types';
export {
	addContext,
	CONTEXT_DEFAULTS,
	type Complete,
	type ContextOptions,
	type ContextReport,
	type ContextRequest,
	type ContextServices,
} from './context';
export { textToEmbed } from './context/textToEmbed';
export { embedLate, lateVectors, type LateOptions, type LateServices, type TokenVectors } from './late';
