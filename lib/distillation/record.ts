import {
	asNumber,
	asString,
	compact,
	createSecretRedactor,
	isJsonObject,
	isObject,
	jsonProblem,
	sha256,
	type SecretRedactor,
	type UnknownObject,
} from '../support';
import { DistillationError } from './errors';
import {
	answerOf,
	promptHash,
	readContent,
	readFinishReason,
	readMessages,
	readTools,
	readToolCalls,
	splitConversation,
} from './messages';
import type {
	Answer,
	ExchangeRecord,
	Feedback,
	Lineage,
	Logprobs,
	Message,
	Step,
	ToolDefinition,
	Usage,
} from './types';

export interface RecordOptions {
	/** Secrets to take out word for word, besides everything shaped like one. */
	readonly secrets?: readonly string[];
	/** Filled in where the input says nothing. */
	readonly defaults?: Partial<
		Pick<ExchangeRecord, 'engine' | 'model' | 'licence' | 'conversation' | 'source' | 'createdAt'>
	> & {
		readonly lineage?: Partial<Lineage>;
	};
	readonly redactor?: SecretRedactor;
}

function invalid(reason: string): DistillationError {
	return new DistillationError('invalidRecord', reason);
}

function readStrings(value: unknown, redactor: SecretRedactor): { [name: string]: string } | undefined {
	const clean = redactor.deep(value);
	if (!isObject(clean)) return undefined;
	const entries = Object.entries(clean)
		.filter(([, entry]) => ['string', 'number', 'boolean'].includes(typeof entry))
		.map(([key, entry]) => [key, String(entry)] as const);
	return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readNumbers(value: unknown): { [name: string]: number } | undefined {
	if (!isObject(value)) return undefined;
	const numbers: { [name: string]: number } = {};
	for (const [key, entry] of Object.entries(value)) {
		const number = asNumber(entry);
		if (number !== undefined) numbers[key] = number;
	}
	return Object.keys(numbers).length === 0 ? undefined : numbers;
}

function readUsage(value: unknown): Usage | undefined {
	if (!isObject(value)) return undefined;
	const usage = compact({
		promptTokens:
			asNumber(value.promptTokens) ?? asNumber(value.prompt_tokens) ?? asNumber(value.input_tokens),
		completionTokens:
			asNumber(value.completionTokens) ?? asNumber(value.completion_tokens) ?? asNumber(value.output_tokens),
		cachedTokens: asNumber(value.cachedTokens),
		reasoningTokens: asNumber(value.reasoningTokens),
	});
	return Object.keys(usage).length === 0 ? undefined : usage;
}

function readToken(value: unknown): { token: string; id?: number; logprob: number } | undefined {
	if (!isObject(value) || typeof value.token !== 'string') return undefined;
	const logprob = asNumber(value.logprob);
	return logprob === undefined ? undefined : compact({ token: value.token, id: asNumber(value.id), logprob });
}

/** Our shape, a plain list of tokens, or OpenAI's `{ content: [{ token, logprob, top_logprobs }] }`. */
export function readLogprobs(value: unknown): Logprobs | undefined {
	const holder = isObject(value) ? value : {};
	const list = Array.isArray(value) ? value : (holder.positions ?? holder.content);
	if (!Array.isArray(list) || list.length === 0) return undefined;
	const positions = list.map((entry: unknown) => {
		const token = readToken(entry);
		if (token === undefined || !isObject(entry)) throw invalid('a log probability has no token or no number');
		const top = entry.top ?? entry.top_logprobs;
		return Array.isArray(top)
			? { ...token, top: top.map(readToken).filter((alternative) => alternative !== undefined) }
			: token;
	});
	const k = Math.max(0, ...positions.map((position) => ('top' in position ? position.top.length : 0)));
	return compact({
		positions,
		tokenizer: asString(holder.tokenizer),
		vocabularySize: asNumber(holder.vocabularySize),
		temperature: asNumber(holder.temperature),
		k: asNumber(holder.k) ?? (k > 0 ? k : undefined),
		tailMass: asNumber(holder.tailMass) ?? meanTailMass(positions),
	});
}

function meanTailMass(positions: Logprobs['positions']): number | undefined {
	const withTop = positions.filter((position) => position.top !== undefined && position.top.length > 0);
	if (withTop.length === 0) return undefined;
	const mass = (top: readonly { logprob: number }[]) =>
		top.reduce((sum, token) => sum + Math.exp(token.logprob), 0);
	return (
		withTop.reduce((sum, position) => sum + Math.max(0, 1 - mass(position.top ?? [])), 0) / withTop.length
	);
}

function readAnswer(value: unknown): Answer {
	if (typeof value === 'string') return { content: value, finishReason: 'stop' };
	if (!isObject(value)) throw invalid('an answer is neither text nor an object');
	const toolCalls = readToolCalls(value.toolCalls ?? value.tool_calls);
	const stated = value.finishReason ?? value.finish_reason;
	return compact({
		content: readContent(value.content ?? value.text),
		reasoning: asString(value.reasoning) ?? asString(value.reasoning_content),
		toolCalls,
		finishReason:
			stated === undefined ? (toolCalls === undefined ? 'stop' : 'toolCalls') : readFinishReason(stated),
		logprobs: readLogprobs(value.logprobs),
		author: value.author === 'human' ? ('human' as const) : undefined,
		score: asNumber(value.score),
		label: typeof value.label === 'boolean' ? value.label : undefined,
		model: asString(value.model),
	});
}

function readSteps(value: unknown): readonly Step[] | undefined {
	if (!Array.isArray(value) || value.length === 0) return undefined;
	return value.map((step: unknown) => {
		if (!isObject(step) || typeof step.text !== 'string' || typeof step.correct !== 'boolean') {
			throw invalid('a step needs `text` and `correct` (true or false)');
		}
		return { text: step.text, correct: step.correct };
	});
}

function readTime(value: unknown): string | undefined {
	if (typeof value !== 'string' && typeof value !== 'number') return undefined;
	// Seconds (OpenAI's `created`) or milliseconds since 1970: seconds stay below 1e11 until the year 5138.
	const time = new Date(typeof value === 'number' && value < 1e11 ? value * 1000 : value);
	return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function redactMessage(message: Message, redactor: SecretRedactor): Message {
	return compact({
		...message,
		content: redactor.text(message.content),
		reasoning: message.reasoning === undefined ? undefined : redactor.text(message.reasoning),
		toolCalls: message.toolCalls?.map((call) => ({ ...call, arguments: redactor.text(call.arguments) })),
	});
}

function redactAnswer(answer: Answer, redactor: SecretRedactor): Answer {
	const clean = compact({
		...answer,
		content: redactor.text(answer.content),
		reasoning: answer.reasoning === undefined ? undefined : redactor.text(answer.reasoning),
		toolCalls: answer.toolCalls?.map((call) => ({ ...call, arguments: redactor.text(call.arguments) })),
	});
	// Token lists spell the text out: they go where the text had to be changed.
	return clean.content === answer.content ? clean : compact({ ...clean, logprobs: undefined });
}

function redactTool(tool: ToolDefinition, redactor: SecretRedactor): ToolDefinition {
	return compact({
		...tool,
		description: tool.description === undefined ? undefined : redactor.text(tool.description),
	});
}

function readLineage(
	value: unknown,
	defaults: Partial<Lineage>,
	messages: readonly Message[],
	redactor: SecretRedactor,
): Lineage {
	const given = isObject(value) ? value : {};
	const text = (name: keyof Lineage): string | undefined => {
		const found = given[name] ?? defaults[name];
		return typeof found === 'string' || typeof found === 'number' ? redactor.text(String(found)) : undefined;
	};
	return compact({
		workflow: text('workflow'),
		node: text('node'),
		execution: text('execution'),
		item: asNumber(given.item) ?? defaults.item,
		promptHash: promptHash(messages),
		file: text('file'),
		line: asNumber(given.line) ?? defaults.line,
		seed: text('seed'),
	});
}

/**
 * Any object → the canonical record. Takes our own shape, `{ messages, answer | answers | completion }`, `{ prompt, … }`
 * and conversations that end with the assistant. Only known fields are kept, so headers and credentials have no way in;
 * what looks like a secret inside a text is replaced by `[secret]`.
 * Throws `invalidRecord` with the reason. An input without an id gets one made from its content.
 */
export function toRecord(input: unknown, options: RecordOptions = {}): ExchangeRecord {
	if (!isObject(input)) throw invalid('the record is not an object');
	const problem = jsonProblem(input);
	if (problem !== undefined) throw invalid(`the record ${problem}`);
	const redactor = options.redactor ?? createSecretRedactor(options.secrets);
	const defaults = options.defaults ?? {};
	const conversation = readMessages(input.messages ?? input.prompt);
	const given = input.answers ?? input.answer ?? input.completion;
	const cut = given === undefined ? splitConversation(conversation) : { prompt: conversation };
	const answers: Answer[] = Array.isArray(given)
		? given.map(readAnswer)
		: given === undefined
			? []
			: [readAnswer(given)];
	if (cut.answer !== undefined) {
		const stated = input.finishReason ?? input.finish_reason;
		answers.push(answerOf(cut.answer, stated === undefined ? undefined : readFinishReason(stated)));
	}
	const messages = cut.prompt.map((message) => redactMessage(message, redactor));
	const clean = answers.map((answer) => redactAnswer(answer, redactor));
	const schema = input.schema;
	if (schema !== undefined && !isJsonObject(schema)) throw invalid('the schema is not a JSON object');
	const label = (name: 'engine' | 'model' | 'licence' | 'conversation' | 'source'): string | undefined => {
		const found = input[name] ?? defaults[name];
		return typeof found === 'string' || typeof found === 'number' ? redactor.text(String(found)) : undefined;
	};
	const lineage = readLineage(input.lineage, defaults.lineage ?? {}, messages, redactor);
	const createdAt = readTime(input.createdAt) ?? readTime(defaults.createdAt) ?? new Date().toISOString();
	return compact({
		id: readId(input.id) ?? contentHash(messages, clean, lineage),
		createdAt,
		messages,
		tools: readTools(input.tools)?.map((tool) => redactTool(tool, redactor)),
		parallelToolCalls: typeof input.parallelToolCalls === 'boolean' ? input.parallelToolCalls : undefined,
		answers: clean,
		steps: readSteps(input.steps)?.map((step) => ({ ...step, text: redactor.text(step.text) })),
		schema,
		scores: readNumbers(input.scores),
		labels: readStrings(input.labels, redactor),
		usage: readUsage(input.usage),
		latencyMs: asNumber(input.latencyMs),
		engine: label('engine'),
		model: label('model'),
		licence: label('licence'),
		language: asString(input.language),
		conversation: label('conversation'),
		source: label('source'),
		lineage,
	});
}

/** Ids go into keys of two databases and into file rows: short, printable, as given. */
function readId(value: unknown): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	const id = typeof value === 'number' ? String(value) : value;
	if (typeof id !== 'string' || id.length > 200 || /\p{Cc}/u.test(id)) {
		throw invalid('the id must be a text of at most 200 characters without control characters');
	}
	return id;
}

/** True for what `toRecord` made: the check when a stored record is read back. */
/** Whether it is a record as this module writes them: what others have edited may hold anything. */
export function isRecord(value: unknown): value is ExchangeRecord {
	return (
		isObject(value) &&
		typeof value.id === 'string' &&
		typeof value.createdAt === 'string' &&
		isListOf(value.messages, (message) => typeof message.role === 'string' && isText(message)) &&
		isListOf(value.answers, isText) &&
		(value.tools === undefined || isListOf(value.tools, (tool) => typeof tool.name === 'string')) &&
		(value.steps === undefined || isListOf(value.steps, (step) => typeof step.text === 'string')) &&
		[value.scores, value.labels, value.usage, value.schema].every(
			(given) => given === undefined || isObject(given),
		) &&
		[value.model, value.engine, value.licence, value.language, value.conversation, value.source].every(
			isTextOrNone,
		) &&
		isObject(value.lineage) &&
		[value.lineage.workflow, value.lineage.execution, value.lineage.file].every(isTextOrNone)
	);
}

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isListOf = (value: unknown, isPart: (part: UnknownObject) => boolean): boolean =>
	Array.isArray(value) && value.every((part) => isObject(part) && isPart(part));

/** A message or an answer. */
function isText({ content, reasoning, toolCalls }: UnknownObject): boolean {
	return (
		typeof content === 'string' &&
		isTextOrNone(reasoning) &&
		(toolCalls === undefined ||
			isListOf(toolCalls, (call) => typeof call.name === 'string' && typeof call.arguments === 'string'))
	);
}

export function isFeedback(value: unknown): value is Feedback {
	return (
		isObject(value) &&
		typeof value.record === 'string' &&
		[value.id, value.at, value.thumb, value.correction, value.comment].every(isTextOrNone) &&
		(value.score === undefined || typeof value.score === 'number') &&
		(value.labels === undefined || isObject(value.labels))
	);
}

/** The same text asked twice is two exchanges; the same line of a file is one, however often the file is imported. */
function contentHash(messages: readonly Message[], answers: readonly Answer[], lineage: Lineage): string {
	const { execution, node, item, file, line } = lineage;
	const place = file === undefined ? [execution, node, item, null, null] : [null, null, null, file, line];
	return sha256(JSON.stringify([messages, answers, ...place])).slice(0, 32);
}

/** Checks feedback and gives it an id; secrets are taken out of its texts. Throws `invalidRecord`. */
export function toFeedback(input: unknown, options: Pick<RecordOptions, 'secrets'> = {}): Feedback {
	if (!isObject(input)) throw invalid('the feedback is not an object');
	const problem = jsonProblem(input);
	if (problem !== undefined) throw invalid(`the feedback ${problem}`);
	const redactor = createSecretRedactor(options.secrets);
	const record = readId(input.record ?? input.recordId);
	if (record === undefined) throw invalid('the feedback names no record (field "record")');
	const thumb: Feedback['thumb'] = input.thumb === 'up' || input.thumb === 'down' ? input.thumb : undefined;
	const score = asNumber(input.score);
	if (score !== undefined && (score < 0 || score > 1))
		throw invalid(`the score ${score} is not between 0 and 1`);
	const text = (value: unknown): string | undefined =>
		typeof value === 'string' ? redactor.text(value) : undefined;
	const said = compact({
		record,
		thumb,
		score,
		correction: text(input.correction),
		labels: readStrings(input.labels, redactor),
		comment: text(input.comment),
	});
	if (Object.keys(said).length === 1) {
		throw invalid(
			'the feedback says nothing: give thumb (up or down), score (0–1), correction, labels or comment',
		);
	}
	return {
		id: readId(input.id) ?? sha256(JSON.stringify(said)).slice(0, 32),
		at: readTime(input.at) ?? new Date().toISOString(),
		...said,
	};
}
