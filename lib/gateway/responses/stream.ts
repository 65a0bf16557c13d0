import type { ChatEvent, TokenLogprob } from '../../engine';
import { toLogprob } from '../chatAnswer';
import type { WireError } from '../errors';
import type { ExchangeLog } from '../exchange';
import { namedEvent, type StreamWriter } from '../protocol';
import { callItem, itemId, kindOf, type OutputItem, responseObject, textPart } from './answer';
import { clientTools, type ClientTool } from './tools';

/** An item that is being written. */
interface Open {
	readonly id: string;
	readonly index: number;
	text: string;
}

type OpenCall = Open & { readonly callId: string; readonly tool: ClientTool };

/**
 * Writes an answer as the events of OpenAI's Responses API. Text and thinking are one item at a time; tool calls stay open
 * until the end, because engines may write several at once.
 */
export class ResponseWriter implements StreamWriter {
	private sequence = 0;
	private model = '';
	private readonly output: OutputItem[] = [];
	private reasoning: Open | undefined;
	private message: (Open & { readonly logprobs: TokenLogprob[] }) | undefined;
	private readonly calls = new Map<number, OpenCall>();
	private readonly tools: ReadonlyMap<string, ClientTool>;

	constructor(
		private readonly log: ExchangeLog,
		private readonly body: object,
		private readonly onDone: (output: readonly OutputItem[]) => void,
	) {
		this.tools = clientTools(body);
	}

	write(event: ChatEvent): string {
		switch (event.type) {
			case 'start':
				this.model = event.model;
				return this.response('response.created') + this.response('response.in_progress');
			case 'reasoning':
				return this.thought(event.text);
			case 'text':
				return this.said(event.text, event.logprobs);
			case 'toolCall':
				return this.called(event);
			case 'end': {
				const empty = this.output.length === 0 && this.calls.size === 0 && this.message === undefined;
				const last = (empty ? this.said('') : '') + this.closeText() + this.closeCalls();
				const cut = event.finishReason === 'length' || event.finishReason === 'filtered';
				this.onDone(this.output);
				const response = responseObject(this.log, this.body, this.model, this.output, event);
				return last + this.event(cut ? 'response.incomplete' : 'response.completed', { response });
			}
		}
	}

	fail({ body: { error } }: WireError): string {
		const { code, message, param } = error;
		const response = {
			...responseObject(this.log, this.body, this.model, this.output),
			status: 'failed',
			error: { code: code ?? 'server_error', message },
		};
		// The clients of OpenAI throw what has an `error`.
		return this.event('response.failed', { response }) + this.event('error', { code, message, param, error });
	}

	private thought(text: string): string {
		let lines = '';
		if (this.reasoning === undefined) {
			lines += this.closeText();
			this.reasoning = this.open('rs');
			const { id, index } = this.reasoning;
			const item = { id, type: 'reasoning', status: 'in_progress', summary: [], content: [] };
			lines += this.event('response.output_item.added', { output_index: index, item });
			const part = { type: 'reasoning_text', text: '' };
			lines += this.event('response.content_part.added', { ...place(this.reasoning), part });
		}
		this.reasoning.text += text;
		return lines + this.event('response.reasoning_text.delta', { ...place(this.reasoning), delta: text });
	}

	private said(text: string, logprobs: readonly TokenLogprob[] = []): string {
		let lines = '';
		if (this.message === undefined) {
			lines += this.closeText();
			this.message = { ...this.open('msg'), logprobs: [] };
			const { id, index } = this.message;
			const item = { id, type: 'message', role: 'assistant', status: 'in_progress', content: [] };
			lines += this.event('response.output_item.added', { output_index: index, item });
			lines += this.event('response.content_part.added', { ...place(this.message), part: textPart('') });
		}
		this.message.text += text;
		this.message.logprobs.push(...logprobs);
		if (text === '') return lines;
		const delta = { ...place(this.message), delta: text, logprobs: logprobs.map(toLogprob) };
		return lines + this.event('response.output_text.delta', delta);
	}

	private called({ index, id, name, argumentsDelta }: ChatEvent & { type: 'toolCall' }): string {
		let lines = '';
		let call = this.calls.get(index);
		if (call === undefined) {
			lines += this.closeText();
			const tool = this.tools.get(name) ?? { name };
			call = { ...this.open(kindOf(tool)), callId: id, tool };
			this.calls.set(index, call);
			const item = callItem(call, 'in_progress', '');
			lines += this.event('response.output_item.added', { output_index: call.index, item });
		}
		call.text += argumentsDelta;
		// The text of a custom tool is inside the JSON that the model writes: it is sent when it is complete.
		if (argumentsDelta === '' || call.tool.custom === true) return lines;
		const delta = { item_id: call.id, output_index: call.index, delta: argumentsDelta };
		return lines + this.event('response.function_call_arguments.delta', delta);
	}

	/** Ends the text or the thinking that is open. */
	private closeText(): string {
		const { reasoning, message } = this;
		let lines = '';
		if (reasoning !== undefined) {
			const { id, text, index } = reasoning;
			this.reasoning = undefined;
			const content = [{ type: 'reasoning_text', text } as const];
			const item = { id, type: 'reasoning', status: 'completed', summary: [], content } as const;
			lines += this.event('response.reasoning_text.done', { ...place(reasoning), text });
			lines += this.event('response.content_part.done', { ...place(reasoning), part: content[0] });
			lines += this.done(index, item);
		}
		if (message !== undefined) {
			const { id, text, index, logprobs } = message;
			this.message = undefined;
			const part = textPart(text, logprobs);
			const item = { id, type: 'message', role: 'assistant', status: 'completed', content: [part] } as const;
			lines += this.event('response.output_text.done', { ...place(message), text, logprobs: part.logprobs });
			lines += this.event('response.content_part.done', { ...place(message), part });
			lines += this.done(index, item);
		}
		return lines;
	}

	private closeCalls(): string {
		return [...this.calls.values()]
			.map((call) => {
				const item = callItem(call, 'completed', call.text);
				const place = { item_id: call.id, output_index: call.index };
				const last =
					item.type === 'custom_tool_call'
						? this.event('response.custom_tool_call_input.delta', { ...place, delta: item.input }) +
							this.event('response.custom_tool_call_input.done', { ...place, input: item.input })
						: this.event('response.function_call_arguments.done', {
								...place,
								name: item.name,
								arguments: call.text,
							});
				return last + this.done(call.index, item);
			})
			.join('');
	}

	private done(index: number, item: OutputItem): string {
		this.output[index] = item;
		return this.event('response.output_item.done', { output_index: index, item });
	}

	private opened = 0;
	private open(kind: Parameters<typeof itemId>[0]): Open {
		const index = this.opened++;
		return { id: itemId(kind, this.log, index), index, text: '' };
	}

	private response(type: string): string {
		return this.event(type, { response: responseObject(this.log, this.body, this.model, []) });
	}

	private event(type: string, fields: object): string {
		return namedEvent(type, { sequence_number: this.sequence++, ...fields });
	}
}

const place = ({ id, index }: Open) => ({ item_id: id, output_index: index, content_index: 0 });
