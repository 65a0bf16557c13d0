import { AnswerCollector } from '../../../lib/gateway';
import type { ChatEvent, ChatRequest, Engines } from '../../../lib/engine';
import type { Exchange } from './recording';

type ChatEngines = Pick<Engines, 'chat' | 'complete'>;

/**
 * The engines with each whole answer handed to `keep`, streamed or not, for callers that see only engines (a chat model of
 * LangChain). The end of an answer waits for `keep`; an answer that breaks off is not kept.
 */
export function recordingEngines(
	engines: ChatEngines,
	keep: (exchange: Exchange) => Promise<unknown>,
): ChatEngines {
	return {
		complete: async (request, call) => {
			const result = await engines.complete(request, call);
			await keep({ ...askedOf(request), result });
			return result;
		},
		async *chat(request, call) {
			const collector = new AnswerCollector();
			let start: (ChatEvent & { type: 'start' }) | undefined;
			for await (const event of engines.chat(request, call)) {
				collector.add(event);
				if (event.type === 'start') start = event;
				// Before it is handed on: who reads the end asks for nothing more.
				if (event.type === 'end') {
					const { finishReason, usage, timings } = event;
					const { engine = '', model = '' } = start ?? {};
					await keep({
						...askedOf(request),
						result: { ...collector.answer(), finishReason, usage, timings, engine, model },
					});
				}
				yield event;
			}
		},
	};
}

function askedOf({ messages, tools = [], responseFormat }: ChatRequest): Omit<Exchange, 'result'> {
	return {
		messages,
		...(tools.length > 0 && { tools }),
		...(responseFormat?.type === 'jsonSchema' && { schema: responseFormat.schema }),
		labels: { task: tools.length > 0 ? 'agent' : 'chat' },
	};
}
