export * from './answer';
export * from './citations';
