import { sumOfUsage, type ChatEvent, type ChatRequest, type ChatResult } from '../engine';
import { FINISH_REASONS, StreamEnd, toUsage } from './chatAnswer';
import { given, ignorable, passedOn } from './chatFields';
import { MAX_CHOICES } from './chatWire';
import { nTimes } from './choices';
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
		prompt: { type: ['string', 'array'], items: { type: 'string' }, minItems: 1 },
		n: { type: ['integer', 'null'], minimum: 1, maximum: MAX_CHOICES },
		suffix: { type: ['string', 'null'] },
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

const KNOWN = ['model', 'prompt', 'suffix', 'n', 'echo', 'stream', 'stream_options', 'stop', 'seed'];
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
	const prompts = typeof wire.prompt === 'string' ? [wire.prompt] : wire.prompt;
	const { n } = wire;
	if (prompts.length * (n ?? 1) > MAX_CHOICES)
		throw new GatewayError(
			'invalidRequest',
			`This asks for ${prompts.length * (n ?? 1)} answers; one request can have at most ${MAX_CHOICES}. Send fewer prompts at once.`,
			{ param: 'prompt' },
		);
	const common: Omit<ChatRequest, 'messages'> = {
		...(wire.model ? { model: wire.model } : {}),
		...maxTokensOf(wire.max_tokens),
		...(wire.stop?.length ? { stop: typeof wire.stop === 'string' ? [wire.stop] : wire.stop } : {}),
		...given('seed', wire.seed),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...passedOn(wire, [...KNOWN, ...KNOWN_NUMBERS], ['user', 'metadata', 'store']),
	};
	const [request, ...further] = prompts.flatMap((content) =>
		nTimes({ ...common, messages: [{ role: 'user', content }] }, n ?? 1),
	);
	if (request === undefined)
		throw new GatewayError('invalidRequest', '"prompt" is empty.', { param: 'prompt' });
	const ignored = [...(wire.logprobs ? ['logprobs'] : []), ...ignorable(wire)];
	const includeUsage = wire.stream_options?.include_usage === true;
	return { request, further, stream: wire.stream === true, includeUsage, ignored };
}

/** -1 says "no bound", as llama.cpp has it. */
const maxTokensOf = (asked: number | null | undefined): Pick<ChatRequest, 'maxTokens'> =>
	asked === -1 ? {} : { maxTokens: asked && asked > 0 ? asked : DEFAULT_MAX_TOKENS };

function completion(log: ExchangeLog, model: string, choices: readonly object[], usage?: object): object {
	const { id, created } = log;
	return { id, object: 'text_completion', created, model, choices, ...(usage ? { usage } : {}) };
}

const choice = (index: number, text: string, finishReason: string | null) => ({
	index,
	text,
	logprobs: null,
	finish_reason: finishReason,
});

function whole(result: ChatResult, log: ExchangeLog, _: object, further: readonly ChatResult[]): object {
	const all = [result, ...further];
	const choices = all.map(({ text, finishReason }, index) =>
		choice(index, text, FINISH_REASONS[finishReason]),
	);
	return completion(log, result.model, choices, toUsage(sumOfUsage(all.map(({ usage }) => usage))));
}

class CompletionWriter implements StreamWriter {
	private model = '';
	private readonly end: StreamEnd;

	constructor(
		private readonly log: ExchangeLog,
		private readonly includeUsage: boolean,
		choices: number,
	) {
		this.end = new StreamEnd(choices);
	}

	write(event: ChatEvent, index: number): string {
		if (event.type === 'start') this.model = event.model;
		if (event.type === 'text') return this.line([choice(index, event.text, null)]);
		if (event.type !== 'end') return '';
		const usage = this.end.ended(event.usage);
		return (
			this.line([choice(index, '', FINISH_REASONS[event.finishReason])]) +
			(usage && this.includeUsage ? this.line([], toUsage(usage)) : '') +
			(usage ? 'data: [DONE]\n\n' : '')
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
	writer: (log, { includeUsage, further = [] }) =>
		new CompletionWriter(log, includeUsage, 1 + further.length),
};
