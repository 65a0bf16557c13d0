export * from './errors';
export { tuningChart, tuningPage } from './chart';
export { defaultVectorWeight } from './checkQuery';
export { KEYWORD_ANALYSIS } from './terms';
export {
	createIndex,
	createVersion,
	describeIndexes,
	dropIndex,
	listIndexes,
	listVersions,
	openIndex,
	switchVersion,
	type CreateOptions,
} from './open';
export { exportRows, type ExportOptions } from './export';
export { PLACE_PREFIX } from './names';
export { moveIndex } from './move';
export { withOtherTypes } from './filter/otherTypes';
export { idOfContent } from './point';
export { LAYOUTS, TUNE_DEFAULTS } from './defaults';
export { serversOf } from './qdrant/addresses';
export { restoreIndex, snapshotIndex } from './snapshot';
export type { IndexLayout, IndexLimits, Placement } from './layout';
export type * from './types';
