// LangChain's messages as those of lib/engine. Loaded with the chat model, never before: LangChain is n8n's own copy.
import { AIMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ChatMessage, ContentPart, ToolCall } from '../../../lib/engine';
import { InputError } from '../runtime/errors';

type Block = { readonly [key: string]: unknown };

/**
 * The messages of a prompt. Neighbours of one role become one message: many chat templates insist on alternating roles, and
 * n8n's agent puts attached images into a second user message.
 *
 * @throws InputError for a part that no engine reads (audio, PDF) or a role that there is not
 */
export function toChatMessages(messages: readonly BaseMessage[]): ChatMessage[] {
	const converted: ChatMessage[] = [];
	for (const message of messages) {
		const next = toChatMessage(message);
		const last = converted.at(-1);
		const joined = last && joinOf(last, next);
		if (joined) converted[converted.length - 1] = joined;
		else converted.push(next);
	}
	return converted;
}

function toChatMessage(message: BaseMessage): ChatMessage {
	if (AIMessage.isInstance(message)) return assistantMessage(message);
	if (ToolMessage.isInstance(message)) {
		const { tool_call_id: toolCallId, name } = message;
		return { role: 'tool', toolCallId, ...(name !== undefined && { name }), content: textOf(message) };
	}
	switch (roleOf(message)) {
		case 'user':
		case 'human':
			return { role: 'user', content: contentOf(message) };
		case 'system':
		case 'developer':
			return { role: 'system', content: textOf(message) };
		case 'assistant':
		case 'ai':
			return { role: 'assistant', content: textOf(message) };
		default:
			throw new InputError(
				`A message has the role "${roleOf(message)}", which no engine knows. Use system, user, assistant or tool.`,
			);
	}
}

/** LangChain's generic ChatMessage names its role itself. */
function roleOf(message: BaseMessage): string {
	return 'role' in message && typeof message.role === 'string' ? message.role : message.type;
}

function assistantMessage(message: AIMessage): ChatMessage {
	const reasoning = reasoningOf(message);
	const toolCalls = [
		...(message.tool_calls ?? []).map(({ id, name, args }, index): ToolCall => {
			return { id: id ?? `call_${index}`, name, arguments: JSON.stringify(argumentsOf(args, id)) };
		}),
		// Their answers follow in the history, so the calls must be there too.
		...(message.invalid_tool_calls ?? []).map(({ id, name, args }, index): ToolCall => {
			return { id: id ?? `broken_${index}`, name: name ?? '', arguments: args ?? '' };
		}),
	];
	return {
		role: 'assistant',
		content: textOf(message),
		...(reasoning !== '' && { reasoning }),
		...(toolCalls.length > 0 && { toolCalls }),
	};
}

/** n8n's agent adds the call's id to the arguments when it writes the history; the model did not. */
function argumentsOf(args: Block, id: string | undefined): Block {
	if (id === undefined || args.id !== id) return args;
	return Object.fromEntries(Object.entries(args).filter(([key]) => key !== 'id'));
}

/** Thinking of an earlier turn: where this pack, Ollama and DeepSeek keep it, or a content block. */
function reasoningOf(message: AIMessage): string {
	const { reasoning_content: kept } = message.additional_kwargs;
	if (typeof kept === 'string') return kept;
	return blocksOf(message)
		.map(({ type, reasoning, thinking }) =>
			type === 'reasoning' ? reasoning : type === 'thinking' ? thinking : undefined,
		)
		.filter((thought) => typeof thought === 'string')
		.join('');
}

function blocksOf(message: BaseMessage): readonly Block[] {
	return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

/** The text alone: what an answer, an instruction or a tool's result is made of. */
function textOf(message: BaseMessage): string {
	return blocksOf(message)
		.map((block) => textIn(block) ?? '')
		.join('');
}

function contentOf(message: BaseMessage): string | ContentPart[] {
	const parts = blocksOf(message).map(partOf);
	return parts.some(({ type }) => type === 'image') ? parts : parts.map(partText).join('\n\n');
}

const partText = (part: ContentPart): string => (part.type === 'text' ? part.text : '');

function partOf(block: Block): ContentPart {
	const text = textIn(block);
	if (text !== undefined) return { type: 'text', text };
	const image = imageIn(block);
	if (image) return image;
	throw new InputError(
		`The message has a part of the type "${String(block.type)}"${mediaTypeOf(block)}, which no engine here reads. Send text or images; turn other files into text first.`,
	);
}

const mediaTypeOf = ({ mime_type: older, mimeType = older }: Block): string =>
	typeof mimeType === 'string' ? ` (${mimeType})` : '';

/** Text of a block: plain, of OpenAI's kind, or a text file. */
function textIn({ type, text }: Block): string | undefined {
	const isText = type === 'text' || type === 'input_text' || type === 'text-plain' || type === 'file';
	return isText && typeof text === 'string' ? text : undefined;
}

/** An image in OpenAI's form, in LangChain's first standard (`source_type`) or its second. */
function imageIn(block: Block): ContentPart | undefined {
	if (block.type === 'image_url') {
		const { image_url: image } = block;
		return imageAt(isBlock(image) ? image.url : image);
	}
	if (block.type !== 'image') return undefined;
	const { data, mime_type: older, mimeType = older } = block;
	if (typeof data === 'string') {
		return { type: 'image', data, mediaType: typeof mimeType === 'string' ? mimeType : 'image/png' };
	}
	return imageAt(block.url);
}

function imageAt(url: unknown): ContentPart | undefined {
	if (typeof url !== 'string') return undefined;
	const data = /^data:([a-z0-9.+/-]+);base64,/i.exec(url);
	return data?.[1]
		? { type: 'image', mediaType: data[1], data: url.slice(data[0].length) }
		: { type: 'image', url };
}

const isBlock = (value: unknown): value is Block => typeof value === 'object' && value !== null;

/** Two neighbours as one message, where nothing is lost by it. */
function joinOf(one: ChatMessage, two: ChatMessage): ChatMessage | undefined {
	if (one.role === 'system' && two.role === 'system')
		return { role: 'system', content: joinContent(one.content, two.content) };
	if (one.role === 'user' && two.role === 'user')
		return { role: 'user', content: joinContent(one.content, two.content) };
	if (one.role === 'assistant' && two.role === 'assistant' && !one.toolCalls && !two.toolCalls)
		return {
			...one,
			...two,
			content: [one.content, two.content].filter((text) => text !== '').join('\n\n'),
		};
	return undefined;
}

type Content = string | readonly ContentPart[];

function joinContent(one: Content, two: Content): Content {
	if (typeof one === 'string' && typeof two === 'string')
		return [one, two].filter((text) => text !== '').join('\n\n');
	const parts = (content: Content): readonly ContentPart[] =>
		typeof content === 'string' ? [{ type: 'text', text: content }] : content;
	return [...parts(one), ...parts(two)];
}
