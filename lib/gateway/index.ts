export { AnswerCollector } from './chatAnswer';
export { GatewayError, type GatewayErrorKind } from './errors';
export { Gateway, type GivenRequest } from './gateway';
export { checkKeys } from './keys';
export { listen, type Listener, type ListenOptions } from './listen';
export type * from './types';
