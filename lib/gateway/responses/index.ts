import type { ChatProtocol } from '../protocol';
import { toResponse } from './answer';
import { ItemMemory } from './memory';
import { parseResponses } from './request';
import { ResponseWriter } from './stream';

/**
 * OpenAI's Responses API. Every request carries the whole conversation; only items of the last answers may be referred to,
 * within one gateway.
 */
export function responsesProtocol(): ChatProtocol {
	const memory = new ItemMemory();
	return {
		parse: (body, owner) => parseResponses(body, (id) => memory.find(owner, id)),
		whole: (result, log, body) => {
			const { output, response } = toResponse(result, log, body);
			memory.remember(log.key, output);
			return response;
		},
		writer: (log, _parsed, body) =>
			new ResponseWriter(log, body, (output) => memory.remember(log.key, output)),
	};
}
