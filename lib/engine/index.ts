export * from './types';
export * from './errors';
export { EnginePool } from './pool';
export { DEADLINES } from './routing/loop';
export { EMBED_DEFAULTS } from './embedding/embed';
export { createExtractiveAnswerer, DOES_NOT_KNOW } from './builtin/answerer';
export { BUILTIN_NAME } from './rerank';
export * from './answer';
