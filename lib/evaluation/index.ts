export { withCopies } from './copies';
export { readQuestions, type QuestionRow } from './dataset';
export { corpusMean } from './corpusMean';
export * from './errors';
export {
	evaluateRetrieval,
	compareReports,
	METRIC_NAMES,
	type SearchAnswer,
	type EvaluateOptions,
	type MetricName,
	type Scores,
	type EvaluationReport,
} from './evaluate';
export { pairedDifference } from './pairedDifference';
export { scorePassages, precisionOmega, gradeByPassages, type PassageScores } from './passages';
export { recallAt, precisionAt, reciprocalRank, ndcgAt, annRecallAt } from './ranking';
export type * from './types';
export { rebuildTexts, type TextPart } from './rebuiltTexts';
export { readSquad, type ParagraphSet } from './squad';
