export * from './answer';
export * from './citations';
export { createExtractiveAnswerer, DOES_NOT_KNOW } from './answerer';
export * from './grounding';
