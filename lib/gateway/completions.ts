import type { ChatEvent, ChatRequest, ChatResult } from '../engine';
import { FINISH_REASONS, toUsage } from './chatAnswer';
import { given, ignorable, passedOn } from './chatFields';
import { GatewayError } from './errors';
import type { ExchangeLog } from './exchange';
import type { ChatProtocol, ParsedChat, StreamWriter } from './protocol';
import { lazyCheck } from './schema';

interface WireCompletion {
	readonly model?: string | null;
	readonly prompt: string | readonly string[];
	readonly suffix?: string | null;
	readonly n?: number | null;
	readonly best_of?: number | null;
	readonly echo?: boolean | null;
	readonly stream?: boolean | null;
	readonly stream_options?: { readonly include_usage?: boolean } | null;
	readonly stop?: string | readonly string[] | null;
	readonly seed?: number | null;
	readonly temperature?: number | null;
	readonly top_p?: number | null;
	readonly max_tokens?: number | null;
	readonly logprobs?: number | null;
	readonly [field: string]: unknown;
}

const check = lazyCheck<WireCompletion>({
	type: 'object',
	required: ['prompt'],
	properties: {
		model: { type: ['string', 'null'] },
		prompt: { type: ['string', 'array'], items: { type: 'string' }, minItems: 1, maxItems: 1 },
		stream: { type: ['boolean', 'null'] },
		stream_options: { type: ['object', 'null'], properties: { include_usage: { type: 'boolean' } } },
		stop: { type: ['string', 'array', 'null'], items: { type: 'string' }, maxItems: 16 },
		seed: { type: ['integer', 'null'] },
		temperature: { type: ['number', 'null'], minimum: 0 },
		top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
		max_tokens: { type: ['integer', 'null'] },
	},
});

/** What OpenAI takes when a completion names no bound. */
const DEFAULT_MAX_TOKENS = 16;

const KNOWN = [
	'model',
	'prompt',
	'suffix',
	'n',
	'best_of',
	'echo',
	'stream',
	'stream_options',
	'stop',
	'seed',
];
const KNOWN_NUMBERS = ['temperature', 'top_p', 'max_tokens', 'logprobs'];

/** Reads a request of OpenAI's old completions; the prompt goes to the model as a user's message. */
function parse(body: object): ParsedChat {
	const wire = check(body);
	for (const [field, value] of [
		['suffix', wire.suffix],
		['echo', wire.echo],
	] as const)
		if (value)
			throw new GatewayError(
				'invalidRequest',
				`"${field}" cannot be given here: engines get the prompt as a message.`,
				{
					param: field,
				},
			);
	if ((wire.n ?? 1) !== 1)
		throw new GatewayError('invalidRequest', 'This gateway gives one choice an answer; ask n times.', {
			param: 'n',
		});
	const [prompt = ''] = typeof wire.prompt === 'string' ? [wire.prompt] : wire.prompt;
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: [{ role: 'user', content: prompt }],
		maxTokens: wire.max_tokens && wire.max_tokens > 0 ? wire.max_tokens : DEFAULT_MAX_TOKENS,
		...(wire.stop?.length ? { stop: typeof wire.stop === 'string' ? [wire.stop] : wire.stop } : {}),
		...given('seed', wire.seed),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...passedOn(wire, [...KNOWN, ...KNOWN_NUMBERS], ['user']),
	};
	const ignored = [...(wire.logprobs ? ['logprobs'] : []), ...ignorable(wire)];
	const includeUsage = wire.stream_options?.include_usage === true;
	return { request, stream: wire.stream === true, includeUsage, ignored };
}

function completion(log: ExchangeLog, model: string, choices: readonly object[], usage?: object): object {
	const { id, created } = log;
	return { id, object: 'text_completion', created, model, choices, ...(usage ? { usage } : {}) };
}

const choice = (text: string, finishReason: string | null) => [
	{ index: 0, text, logprobs: null, finish_reason: finishReason },
];

const whole = (result: ChatResult, log: ExchangeLog): object =>
	completion(
		log,
		result.model,
		choice(result.text, FINISH_REASONS[result.finishReason]),
		toUsage(result.usage),
	);

class CompletionWriter implements StreamWriter {
	private model = '';

	constructor(
		private readonly log: ExchangeLog,
		private readonly includeUsage: boolean,
	) {}

	write(event: ChatEvent): string {
		if (event.type === 'start') this.model = event.model;
		if (event.type === 'text') return this.line(choice(event.text, null));
		if (event.type !== 'end') return '';
		return (
			this.line(choice('', FINISH_REASONS[event.finishReason])) +
			(this.includeUsage ? this.line([], toUsage(event.usage)) : '') +
			'data: [DONE]\n\n'
		);
	}

	fail({ body }: { readonly body: object }): string {
		return `data: ${JSON.stringify(body)}\n\n`;
	}

	private line(choices: readonly object[], usage?: object): string {
		return `data: ${JSON.stringify(completion(this.log, this.model, choices, usage))}\n\n`;
	}
}

/** OpenAI's completions, which old programs and editors still use. */
export const completions: ChatProtocol = {
	parse,
	whole,
	writer: (log, { includeUsage }) => new CompletionWriter(log, includeUsage),
};
