export * from './async';
export * from './environment';
export * from './errors';
export * from './hash';
