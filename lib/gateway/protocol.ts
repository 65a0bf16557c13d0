import type { ChatEvent, ChatRequest, ChatResult } from '../engine';
import type { WireError } from './errors';
import type { ExchangeLog } from './exchange';

/** What a client asked for, in the terms of lib/engine. */
export interface ParsedChat {
	readonly request: ChatRequest;
	/** Where the client wants several answers (`n`, several prompts): the requests after the first. */
	readonly further?: readonly ChatRequest[];
	readonly stream: boolean;
	readonly includeUsage: boolean;
	/** Fields that would have changed the answer and that no engine takes; told in the header `x-gateway-ignored`. */
	readonly ignored: readonly string[];
}

/** Turns the events of one answer into lines of a server-sent stream; '' for events that say nothing to a client. */
export interface StreamWriter {
	/** @param choice which answer the event belongs to; the stream ends with the end of the last one */
	write(event: ChatEvent, choice: number): string;
	/** The lines that tell that the answer broke off. */
	fail(error: WireError): string;
}

/** One of the ways in which clients ask for a chat. All of them become the same request, and the answer is written back. */
export interface ChatProtocol {
	/**
	 * @param owner name of the key that asks
	 * @throws GatewayError `invalidRequest` naming the field
	 */
	parse(body: object, owner?: string): ParsedChat;
	/** @param further the answers to `further`; usage is that of all together */
	whole(result: ChatResult, log: ExchangeLog, body: object, further: readonly ChatResult[]): object;
	writer(log: ExchangeLog, parsed: ParsedChat, body: object): StreamWriter;
}

/** One server-sent event with its name in both places, as OpenAI's Responses and Anthropic's Messages have it. */
export const namedEvent = (type: string, fields: object): string =>
	`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
