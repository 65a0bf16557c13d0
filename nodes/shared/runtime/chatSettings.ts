import type { CallOptions, ChatRequest } from '../../../lib/engine';
import type { NodeItem } from './nodeItem';
import { defined } from './values';

/** Only what the user set: an option that was not added leaves the choice to the engine. */
export function chatSettings(item: NodeItem): Omit<ChatRequest, 'messages'> {
	const stop = item.list('options.stop');
	const reasoning = item.optionalChoice<NonNullable<ChatRequest['reasoning']> | ''>('options.reasoning');
	return defined({
		temperature: item.optionalNumber('options.temperature'),
		topP: item.optionalNumber('options.topP'),
		maxTokens: item.optionalNumber('options.maxTokens'),
		seed: item.optionalNumber('options.seed'),
		stop: stop.length > 0 ? stop : undefined,
		reasoning: reasoning === '' ? undefined : reasoning,
		keepAlive: item.optionalText('options.keepAlive'),
		contextSize: item.optionalNumber('options.contextSize'),
	});
}

export function callOptions(item: NodeItem): CallOptions {
	const milliseconds = (name: string) => {
		const seconds = item.hasField(name) ? item.optionalNumber(name) : undefined;
		return seconds === undefined ? undefined : seconds * 1000;
	};
	return {
		signal: item.signal,
		allowRemote: item.flag('options.allowRemote'),
		deadlines: {
			totalMs: milliseconds('options.timeoutSeconds'),
			firstTokenMs: milliseconds('options.firstTokenSeconds'),
		},
	};
}
