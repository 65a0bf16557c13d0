export { assignVariant, type Variant } from './assign';
export { renderIntervalChart, type IntervalChart } from './chart';
export { MIN_QUESTIONS } from './defaults';
export * from './errors';
export {
	analyseExperiment,
	type ExperimentMetric,
	type Guardrail,
	type ExperimentPlan,
	type Outcomes,
	type Split,
	type Comparison,
	type GuardrailComparison,
	type VariantResult,
	type ExperimentResult,
} from './analysis';
export { experimentHtml } from './page';
export {
	reportExperiment,
	type GuardrailOptions,
	type ExperimentReportOptions,
	type MetricFigures,
	type VariantFigures,
	type VariantReport,
	type Decision,
	type ExperimentReport,
} from './report';
export {
	renderMarkdown,
	renderHtml,
	formatCell,
	type Cell,
	type ReportTable,
	type Scale,
} from './resultTable';
export {
	ExperimentStore,
	type ExperimentAddress,
	type Assignment,
	type Outcome,
	type Recorded,
	type ExperimentData,
	type Ending,
	type KnownExperiment,
} from './store';
export { EMPTY_SAMPLE, addObservation, mergeSamples, proportion, type Sample } from './samples';
export { unitsNeeded, type SampleSizeOptions } from './sampleSize';
export { sequentialTest, type SequentialOptions } from './sequential';
export { proportionTest, splitTest, welchTest, type Difference } from './significance';
export {
	type ComparedQuestion,
	comparePreferences,
	type Preference,
	type PreferenceReport,
	preferencesPage,
} from './preferences';
