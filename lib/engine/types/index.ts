export * from './address';
export * from './messages';
export * from './chat';
export * from './structured';
export * from './vectors';
export * from './operations';
export * from './measure';
export * from './pool';
