export * from './dataset';
export * from './errors';
export * from './evaluate';
export * from './pairedDifference';
export * from './passages';
export * from './ranking';
export type * from './types';
