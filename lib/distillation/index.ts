export type * from './types';
export { DEFAULT_RUBRIC, LEAST_ROWS, MIN_COSINE } from './defaults';
export * from './errors';
export { toRecord, toFeedback, type RecordOptions } from './record';
export { applyFeedback, preferences } from './feedback';
export { recordStore, type StoreAddress, type PostgresAddress } from './store';
export { curate, type CuratedSet } from './curate/curate';
export type { CurateOptions } from './curate/options';
export * from './curate/types';
export { NearDuplicateIndex, type NearDuplicateOptions } from './curate/nearDuplicates';
export { threshold, type MinHashOptions } from './curate/minhash';
export {
	personalDataFinder,
	PERSONAL_DATA,
	type PersonalDataKind,
	type PersonalDataOptions,
} from './curate/personalData';
export { splitPosition, type SplitOptions } from './curate/split';
export { isRefusal } from './curate/refusal';
export type { EmbedTexts, ContaminationOptions } from './curate/contamination';
export type { DuplicateOptions } from './curate/duplicates';
export { judgeBy, type JudgeRecord, type ScoreOptions } from './curate/scoreGate';
export type { BalanceOptions } from './curate/balance';
export type { LengthOptions, LicenceOptions, EmptyOptions } from './curate/answerGates';
export type { LanguageOptions } from './curate/languageGate';
export {
	CHAT_TEMPLATES,
	countExchange,
	renderChatMl,
	type ChatTemplate,
	type RenderChat,
} from './curate/chatTemplate';
export { exportDataSet, formatNamed, type ExportOptions } from './export/export';
export { FORMATS } from './export/formats';
export { FEATURES, type Feature, type Format, type Row } from './export/types';
export { featuresOf } from './export/features';
export { insideAllowed, moveDataSet } from './export/folder';
export { temporaryFolder } from './temporary';
export type { Compression } from './export/files';
export type { FileEntry, Manifest } from './export/manifest';
export { importFeedback, importLogs, recordFrom, type Imported, type ImportOptions } from './import/logs';
export { LOG_FORMATS, type LogFormat } from './import/shapes';
export { generate } from './generate/generate';
export type { Generated, GenerateOptions, GenerateReport, Prompt } from './generate/types';
export { PASSAGE_SCHEMA, pairsOnly, promptFromPassage, recordFromPair } from './generate/passagePairs';
export {
	compareAnswers,
	scoreAnswer,
	type Comparison,
	type Judgement,
	type JudgeOptions,
} from './generate/judge';
export { forbids, type Complete } from './generate/teacher';
export { compare, type CompareOptions, type CompareReport, type Price, type SideReport } from './compare';
export { stats, type Spread, type Stats, type StatsOptions } from './stats';
export { answerIn, questionIn, rejectedExamples } from './shown';
export { funnelHtml, funnelSvg, statsHtml } from './chart';
