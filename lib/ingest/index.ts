export { documentLimits } from './documents';
export { deleteDocuments, deletePoints } from './delete';
export * from './errors';
export { sync, syncAll } from './sync';
export * from './types';
