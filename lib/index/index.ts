export * from './errors';
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
