export { answerFromPassages, type AnswerRequest, type CitedAnswer } from './answer';
export { checkCitations, type SourcePassage, type Citation, type CheckedAnswer } from './citations';
export { checkGroundingByEngine, type EngineGroundingOptions } from './engineGrounding';
export { DEFAULT_MAX_PASSAGE_CHARACTERS, GROUNDING_THRESHOLDS } from './defaults';
export * from './errors';
export { createExtractiveAnswerer, DOES_NOT_KNOW } from './answerer';
export {
	checkGrounding,
	type GroundingPassage,
	type GroundingServices,
	type GroundingOptions,
	type SentenceVerdict,
	type GroundingReport,
} from './grounding';
export { createSimilarityReranker } from './similarity';
export { passageLine, withoutMarks } from './passageText';
export * from './sources';
export { completeQuestion, type CompleteQuestion, type Turn } from './followUp';
export type { AnswerReader } from './reading';
