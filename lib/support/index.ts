export * from './async';
export * from './errors';
export * from './escape';
export * from './hash';
export * from './processes';
export * from './tokens';
export * from './vectors';
