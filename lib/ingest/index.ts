export { DOCUMENT_LIMITS } from './documents';
export { deleteDocuments, deletePoints } from './delete';
export * from './errors';
export { assertIndexSpace, checkDrift, type DriftReport } from './memory';
export { migrate, rollBack } from './migrate';
export { sync, syncAll } from './sync';
export type { ProcessSyncOptions } from './process/messages';
export { syncInProcess } from './process/syncInProcess';
export * from './types';
