export {
	DEFAULT_MAX_PASSAGE_CHARACTERS,
	answerFromPassages,
	type AnswerRequest,
	type CitedAnswer,
} from './answer';
export { checkCitations, type SourcePassage, type Citation, type CheckedAnswer } from './citations';
export * from './errors';
export { createExtractiveAnswerer, DOES_NOT_KNOW } from './answerer';
export {
	GROUNDING_THRESHOLDS,
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
