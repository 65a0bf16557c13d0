import type { ChatProtocol } from '../protocol';
import { messageError, MessageWriter, toMessage } from './answer';
import { parseMessages } from './request';

export { messageError };

/** Anthropic's Messages API. */
export const messages: ChatProtocol = {
	parse: parseMessages,
	whole: toMessage,
	writer: (log) => new MessageWriter(log),
};
