export * from './async';
export * from './errors';
export * from './hash';
export * from './processes';
