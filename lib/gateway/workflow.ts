import {
	EngineError,
	type ChatEvent,
	type ChatMessage,
	type ChatRequest,
	type ChatResult,
	type ContentPart,
} from '../engine';
import { estimateTokens } from '../support';
import { GatewayError } from './errors';
import type { ChatApi, GatewayOptions, WorkflowAnswer, WorkflowOptions, WorkflowRequest } from './types';

const DEFAULT_DEADLINE_MS = 120_000;
const DEFAULT_MAX_AT_ONCE = 20;

/** Stands in `engine` of an exchange. */
export const WORKFLOW_ENGINE = 'workflow';

/** What is known of a request besides itself. */
interface Asked {
	readonly log: {
		readonly id: string;
		readonly api: ChatApi;
		readonly key: string | undefined;
		readonly requestedModel: string | undefined;
	};
	/** As the client sent it: holds the name of its user. */
	readonly body: object;
	readonly stream: boolean;
}

type ChatEngines = Pick<GatewayOptions['engines'], 'chat' | 'complete'>;

/** Answers chats by a workflow, in the way that engines answer them: so every protocol can ask it. */
export class WorkflowModels {
	private running = 0;
	private readonly names: ReadonlySet<string>;

	constructor(private readonly options: WorkflowOptions) {
		this.names = new Set(options.models);
	}

	get models(): readonly string[] {
		return [...this.names];
	}

	has(model: string | undefined): model is string {
		return model !== undefined && this.names.has(model);
	}

	/** Engines that hand a request to the workflow. */
	engines(asked: Asked): ChatEngines {
		const complete: ChatEngines['complete'] = async (request, call) =>
			await this.ask(request, asked, call?.signal);
		return { complete, chat: (request, call) => eventsOf(async () => await complete(request, call)) };
	}

	/** Tokens of a prompt, estimated: nobody knows which models a workflow asks. */
	countTokens(request: ChatRequest): number {
		return estimateTokens(request.messages.map(textOf).join('\n'));
	}

	private async ask(
		request: ChatRequest,
		asked: Asked,
		signal: AbortSignal | undefined,
	): Promise<ChatResult> {
		const { maxAtOnce = DEFAULT_MAX_AT_ONCE } = this.options;
		if (this.running >= maxAtOnce)
			throw new GatewayError(
				'overloaded',
				`The workflow already runs ${maxAtOnce} times at once, which is its limit. Ask again in a moment, or raise "Max Workflow Runs at Once" in Engine Gateway.`,
				{ retryAfterMs: 1000 },
			);
		const started = performance.now();
		const { ended, answer } = this.options.ask(toRequest(request, asked));
		this.running++;
		void ended.then(() => this.running--);
		const { text } = await this.inTime(answer, signal);
		const ms = performance.now() - started;
		const model = request.model ?? '';
		return {
			text,
			reasoning: '',
			toolCalls: [],
			engine: WORKFLOW_ENGINE,
			model,
			dialect: 'builtin',
			finishReason: 'stop',
			usage: {
				promptTokens: this.countTokens(request),
				completionTokens: estimateTokens(text),
				estimated: true,
			},
			timings: { queueMs: 0, firstTokenMs: ms, totalMs: ms },
			attempts: [{ engine: WORKFLOW_ENGINE, model, outcome: 'ok', queueMs: 0, ms }],
			ignored: ignoredBy(request),
		};
	}

	/** @throws GatewayError `workflowTimeout`; EngineError `cancelled` when the client has left: the workflow goes on, its answer is dropped */
	private async inTime(answer: Promise<WorkflowAnswer>, signal?: AbortSignal): Promise<WorkflowAnswer> {
		const { deadlineMs = DEFAULT_DEADLINE_MS } = this.options;
		let release = () => {};
		const given = new Promise<never>((_, reject) => {
			const late = () =>
				reject(
					new GatewayError(
						'workflowTimeout',
						`The workflow did not answer within ${deadlineMs / 1000} seconds. Make sure that each way through it ends in Local Engine → Gateway → Answer Request, or raise "Workflow Time Limit (Seconds)" in Engine Gateway.`,
					),
				);
			const left = () => reject(new EngineError('cancelled', 'The client has left.'));
			const timer = setTimeout(late, deadlineMs);
			if (signal?.aborted) left();
			signal?.addEventListener('abort', left, { once: true });
			release = () => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', left);
			};
		});
		try {
			return await Promise.race([answer, given]);
		} finally {
			release();
		}
	}
}

async function* eventsOf(complete: () => Promise<ChatResult>): AsyncGenerator<ChatEvent> {
	const { engine, model, attempts, ignored, text, finishReason, usage, timings } = await complete();
	yield { type: 'start', engine, model, attempts, ...(ignored ? { ignored } : {}) };
	if (text !== '') yield { type: 'text', text };
	yield { type: 'end', finishReason, usage, timings };
}

/** A workflow answers with a text: it can see these wishes and cannot be held to them. */
function ignoredBy({ tools, responseFormat }: ChatRequest): readonly string[] {
	return [...(tools?.length ? ['tools'] : []), ...(responseFormat ? ['response_format'] : [])];
}

function toRequest(request: ChatRequest, { log, body, stream }: Asked): WorkflowRequest {
	const { messages } = request;
	const last = messages.map(({ role }) => role).lastIndexOf('user');
	const question = messages[last];
	const user = userOf(body);
	return {
		id: log.id,
		api: log.api,
		model: log.requestedModel ?? request.model ?? '',
		...(log.key === undefined ? {} : { key: log.key }),
		...(user === undefined ? {} : { user }),
		question: question === undefined ? '' : textOf(question),
		system: messages
			.filter(({ role }) => role === 'system')
			.map(textOf)
			.join('\n\n'),
		earlierMessages: messages.slice(0, Math.max(0, last)).flatMap((message) => {
			const { role } = message;
			const content = textOf(message);
			return (role === 'user' || role === 'assistant') && content !== '' ? [{ role, content }] : [];
		}),
		stream,
		request,
	};
}

function textOf({ content }: ChatMessage): string {
	if (typeof content === 'string') return content;
	return content.map((part: ContentPart) => (part.type === 'text' ? part.text : '')).join('');
}

const MAX_USER = 200;

/** `user` of OpenAI's APIs (`safety_identifier` in new ones), `metadata.user_id` of Anthropic's. */
function userOf(body: object): string | undefined {
	const { user, safety_identifier: id, metadata } = body as { readonly [field: string]: unknown };
	const named =
		typeof metadata === 'object' && metadata !== null && 'user_id' in metadata ? metadata.user_id : undefined;
	const found = [user, id, named].find((value) => typeof value === 'string' && value !== '');
	return typeof found === 'string' ? found.slice(0, MAX_USER) : undefined;
}
