import type { IDataObject } from 'n8n-workflow';
import type { CallOptions, ChatRequest } from '../../../lib/engine';
import { listOf } from './values';

/** Only what the user set: an option that was not added leaves the choice to the engine. */
export function chatSettings(options: IDataObject): Omit<ChatRequest, 'messages'> {
	const { temperature, topP, maxTokens, seed, stop, reasoning, keepAlive, contextSize } = options;
	return {
		...(typeof temperature === 'number' && { temperature }),
		...(typeof topP === 'number' && { topP }),
		...(typeof maxTokens === 'number' && maxTokens > 0 && { maxTokens }),
		...(typeof seed === 'number' && { seed }),
		...(listOf(stop).length > 0 && { stop: listOf(stop) }),
		...(isReasoning(reasoning) && { reasoning }),
		...(typeof keepAlive === 'string' && keepAlive !== '' && { keepAlive }),
		...(typeof contextSize === 'number' && contextSize > 0 && { contextSize }),
	};
}

const isReasoning = (value: unknown): value is NonNullable<ChatRequest['reasoning']> =>
	value === 'off' || value === 'on' || value === 'low' || value === 'medium' || value === 'high';

export function callOptions(options: IDataObject, signal: AbortSignal | undefined): CallOptions {
	const seconds = (value: unknown) => (typeof value === 'number' && value > 0 ? value * 1000 : undefined);
	return {
		signal,
		allowRemote: options.allowRemote === true,
		deadlines: {
			totalMs: seconds(options.timeoutSeconds),
			firstTokenMs: seconds(options.firstTokenSeconds),
		},
	};
}
