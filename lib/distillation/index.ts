export * from './types';
export * from './errors';
export { toRecord, toFeedback, type RecordOptions } from './record';
export { createSecretRedactor, SECRET } from './secrets';
export { applyFeedback, preferences } from './feedback';
export { recordStore, type StoreAddress, type PostgresAddress } from './store';
