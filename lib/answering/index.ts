export * from './answer';
export * from './citations';
export * from './errors';
export { createExtractiveAnswerer, DOES_NOT_KNOW } from './answerer';
export * from './grounding';
export { createSimilarityReranker } from './similarity';
export { passageLine, withoutMarks } from './passageText';
export * from './sources';
