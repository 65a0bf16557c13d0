import { isObject, parseJson, shortened, stableJson } from '../support';
import type { ChatEvent, ChatRequest } from './types/chat';
import type { ChatMessage, ToolCall } from './types/messages';
import type { CallOptions, Engines } from './types/pool';

type Chat = Pick<Engines, 'chat' | 'complete'>;

/** Characters of a call's arguments that the answer shows. */
const SHOWN = 200;

/**
 * Ends an agent run in which the model asks again and again for the same: after a tool was called `most` times with the same
 * arguments since the last message of the user, a further such call becomes an answer in words, which says what was repeated.
 * Small models do this, and the agent would go on until its own limit of steps.
 */
export function guardLoops(engines: Chat, most: number): Chat {
	return {
		complete: async (request, call) => {
			const result = await engines.complete(request, call);
			const repeated = repeatedCall(request.messages, result.toolCalls, most);
			if (repeated === undefined) return result;
			return { ...result, text: wordsFor(repeated, most), toolCalls: [], finishReason: 'stop' };
		},
		chat: (request, call) => guardedStream(engines, request, call, most),
	};
}

/** Text comes as it is written; the pieces of calls are held back until it is known that they are no repetition. */
async function* guardedStream(
	engines: Chat,
	request: ChatRequest,
	call: CallOptions | undefined,
	most: number,
): AsyncGenerator<ChatEvent, undefined> {
	const held: Array<Extract<ChatEvent, { type: 'toolCall' }>> = [];
	let hasText = false;
	for await (const event of engines.chat(request, call)) {
		if (event.type === 'toolCall') {
			held.push(event);
			continue;
		}
		hasText ||= event.type === 'text';
		if (event.type !== 'end') {
			yield event;
			continue;
		}
		const repeated = repeatedCall(request.messages, callsOf(held), most);
		if (repeated === undefined) yield* held;
		else yield { type: 'text', text: `${hasText ? '\n\n' : ''}${wordsFor(repeated, most)}` };
		yield repeated === undefined ? event : { ...event, finishReason: 'stop', warnings: undefined };
	}
}

function callsOf(
	pieces: ReadonlyArray<Extract<ChatEvent, { type: 'toolCall' }>>,
): Array<Pick<ToolCall, 'name' | 'arguments'>> {
	const calls = new Map<number, { name: string; parts: string[] }>();
	for (const { index, name, argumentsDelta } of pieces) {
		const call = calls.get(index) ?? { name, parts: [] };
		call.parts.push(argumentsDelta);
		calls.set(index, call);
	}
	return [...calls.values()].map(({ name, parts }) => ({ name, arguments: parts.join('') }));
}

/** The first of these calls that would be made more than `most` times. */
function repeatedCall(
	messages: readonly ChatMessage[],
	calls: ReadonlyArray<Pick<ToolCall, 'name' | 'arguments'>>,
	most: number,
): Pick<ToolCall, 'name' | 'arguments'> | undefined {
	const counts = new Map<string, number>();
	const counted = (call: Pick<ToolCall, 'name' | 'arguments'>): number => {
		const key = keyOf(call);
		const count = (counts.get(key) ?? 0) + 1;
		counts.set(key, count);
		return count;
	};
	for (const message of messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1))
		if (message.role === 'assistant') message.toolCalls?.forEach(counted);
	return calls.find((call) => counted(call) > most);
}

/** The same arguments in another order, or with other blanks, are the same. */
function keyOf({ name, arguments: text }: Pick<ToolCall, 'name' | 'arguments'>): string {
	const json = parseJson(text);
	return `${name} ${isObject(json) ? stableJson(json) : text}`;
}

function wordsFor(call: Pick<ToolCall, 'name' | 'arguments'>, most: number): string {
	const times = most === 1 ? 'once' : `${most} times`;
	return `Stopped: the model called the tool "${call.name}" ${times} with the same arguments (${shortened(call.arguments, SHOWN)}), and asked for the same again. Improve the description of the tool or what it returns, use a larger model, or raise "Maximum Repeated Tool Calls" of the chat model.`;
}
