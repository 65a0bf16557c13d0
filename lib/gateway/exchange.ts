import { randomUUID } from 'node:crypto';
import {
	EngineError,
	sumOfUsage,
	type CallOptions,
	type ChatRequest,
	type ChatResult,
	type Usage,
} from '../engine';
import { estimateTokens } from '../support';
import type { WireError } from './errors';
import type { ChatAnswer, ChatApi, Exchange } from './types';
import type { WorkflowModels } from './workflow';

/** Gathers what is known of one request while it runs; `finish` makes the exchange of it. */
export class ExchangeLog {
	readonly id: string;
	readonly created = Math.floor(Date.now() / 1000);
	private readonly startedAt = new Date().toISOString();
	private readonly started = performance.now();
	private known: Partial<Omit<Exchange, 'chat'>> = {};
	private request?: ChatRequest;
	private chatAnswer?: () => ChatAnswer;

	constructor(
		readonly route: Exchange['route'],
		prefix: string,
		readonly key: string | undefined,
		/** How a chat was asked for; told of chats only. */
		readonly api: ChatApi = 'chat',
	) {
		this.id = `${prefix}${randomUUID().replaceAll('-', '')}`;
	}

	/** What the client called the model. */
	get requestedModel(): string | undefined {
		return this.known.requestedModel;
	}

	add(more: Partial<Omit<Exchange, 'chat'>>): void {
		this.known = { ...this.known, ...more };
	}

	asked(request: ChatRequest, requestedModel: string | undefined, streamed: boolean): void {
		this.request = request;
		this.add({ streamed, ...(requestedModel === undefined ? {} : { requestedModel }) });
	}

	/** `answer` is asked for at the end, so that an answer which broke off is kept as far as it got. */
	answeredBy(answer: () => ChatAnswer): void {
		this.chatAnswer = answer;
	}

	/** @param further other answers to the same request: only their usage is kept */
	completed(
		{ engine, model, attempts, usage, timings, ...rest }: ChatResult,
		further: readonly ChatResult[] = [],
	): void {
		const { text, reasoning, toolCalls, finishReason, logprobs } = rest;
		const used = sumOfUsage([usage, ...further.map((other) => other.usage)]);
		this.add({ engine, model, attempts, usage: used, timings });
		this.answeredBy(() => ({ text, reasoning, toolCalls, finishReason, ...(logprobs ? { logprobs } : {}) }));
	}

	failed(thrown: unknown, { body }: WireError): void {
		const kind = thrown instanceof Error && 'kind' in thrown ? String(thrown.kind) : 'internal';
		this.add({ error: { kind, message: body.error.message } });
		if (!(thrown instanceof EngineError)) return;
		this.add({
			attempts: thrown.attempts,
			...(thrown.engine === undefined ? {} : { engine: thrown.engine }),
			...(thrown.model === undefined ? {} : { model: thrown.model }),
		});
		const { partial } = thrown;
		if (partial && !this.chatAnswer) this.answeredBy(() => partial);
	}

	finish(status: number): Exchange {
		const answer = this.chatAnswer?.();
		return {
			streamed: false,
			attempts: [],
			...(this.request && answer ? { usage: estimated(this.request, answer) } : {}),
			...this.known,
			id: this.id,
			route: this.route,
			...(this.route === 'chat' ? { api: this.api } : {}),
			startedAt: this.startedAt,
			ms: performance.now() - this.started,
			status,
			...(this.key === undefined ? {} : { key: this.key }),
			...(this.request ? { chat: { request: this.request, ...(answer ? { answer } : {}) } } : {}),
		};
	}
}

/** Engines tell what was used at the end of an answer: of one that broke off, or whose client has left, it is estimated. */
function estimated({ messages }: ChatRequest, { text, reasoning, toolCalls }: ChatAnswer): Usage {
	const calls = toolCalls.map(({ name, arguments: args }) => name + args).join('');
	const prompt = messages.map(({ content }) =>
		typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : '')).join(''),
	);
	return {
		promptTokens: estimateTokens(prompt.join('')),
		completionTokens: estimateTokens(text + reasoning + calls),
		estimated: true,
	};
}

/** What a route handler is given besides the request's body. */
export interface RouteContext {
	readonly log: ExchangeLog;
	readonly call: CallOptions;
	/** Models that a workflow answers, where there are any. */
	readonly workflow?: WorkflowModels;
}
