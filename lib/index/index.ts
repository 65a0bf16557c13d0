export * from './errors';
export { tuningChart } from './chart';
export { defaultVectorWeight } from './search';
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
export * from './types';
