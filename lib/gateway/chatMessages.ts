import type { ChatMessage, ContentPart, ToolCall } from '../engine';
import { imageOf } from './chatFields';
import type { WireMessage, WireToolCall } from './chatWire';
import { GatewayError } from './errors';

/**
 * The messages of a chat completion request. The old `function_call` of an assistant and its answer (role `function`) become a
 * tool call whose id is the function's name. Pictures that a tool returned follow as a message of the user, because engines
 * take only text from tools.
 *
 * @throws GatewayError `invalidRequest` naming the message
 */
export const messagesOf = (messages: readonly WireMessage[]): ChatMessage[] => messages.flatMap(toMessages);

function toMessages(message: WireMessage, index: number): ChatMessage[] {
	const where = `messages.${index}`;
	const { content } = message;
	switch (message.role) {
		case 'system':
		case 'developer':
			return [{ role: 'system', content: textOf(content, where) }];
		case 'user':
			return [{ role: 'user', content: toContent(content, where) }];
		case 'function':
			return toolAnswer(message, message.name ?? '', where);
		case 'tool':
			if (message.tool_call_id) return toolAnswer(message, message.tool_call_id, where);
			throw new GatewayError('invalidRequest', `"${where}" is an answer of a tool and needs tool_call_id.`, {
				param: `${where}.tool_call_id`,
			});
		case 'assistant': {
			const reasoning = message.reasoning_content ?? message.reasoning;
			const called = callsOf(message);
			return [
				{
					role: 'assistant',
					content: textOf(content, where),
					...(reasoning ? { reasoning } : {}),
					...(called.length > 0 ? { toolCalls: called } : {}),
				},
			];
		}
	}
}

function callsOf({ tool_calls: calls, function_call: old }: WireMessage): ToolCall[] {
	const wire: readonly WireToolCall[] = calls?.length ? calls : old ? [{ function: old }] : [];
	return wire.map(({ id, function: { name, arguments: given } }) => ({
		id: id ?? name,
		name,
		arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
	}));
}

function toolAnswer({ name, content }: WireMessage, toolCallId: string, where: string): ChatMessage[] {
	const parts = typeof content === 'string' ? [] : (content ?? []);
	const pictures = parts.filter(({ type }) => type === 'image_url');
	const words = pictures.length === 0 ? content : parts.filter(({ type }) => type !== 'image_url');
	return [
		{ role: 'tool', toolCallId, ...(name ? { name } : {}), content: textOf(words, where) },
		...(pictures.length === 0 ? [] : [{ role: 'user' as const, content: toContent(pictures, where) }]),
	];
}

function textOf(content: WireMessage['content'], where: string): string {
	if (content === undefined || content === null) return '';
	if (typeof content === 'string') return content;
	return content
		.map((part, index) => {
			const words = part.type === 'refusal' ? part.refusal : part.text;
			if ((part.type === 'text' || part.type === 'refusal') && typeof words === 'string') return words;
			throw new GatewayError('invalidRequest', `"${where}.content.${index}" must be text here.`, {
				param: `${where}.content.${index}`,
			});
		})
		.join('');
}

function toContent(content: WireMessage['content'], where: string): string | readonly ContentPart[] {
	if (content === undefined || content === null) return '';
	if (typeof content === 'string') return content;
	if (content.every(({ type }) => type === 'text')) return textOf(content, where);
	return content.map((part, index): ContentPart => {
		const { type, text, image_url: image } = part;
		const param = `${where}.content.${index}`;
		if (type === 'text' && typeof text === 'string') return { type: 'text', text };
		if (type === 'image_url' && image) return imageOf(typeof image === 'string' ? image : image.url, param);
		throw new GatewayError('invalidRequest', `"${param}" is of a kind (${type}) no engine here reads.`, {
			param,
		});
	});
}
