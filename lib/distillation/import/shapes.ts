import { asNumber, asString, isJsonObject, isObject } from '../../support';
import { alpaca } from '../export/formats/alpaca';
import { readShareGpt } from '../export/formats/sharegpt';
import { DistillationError } from '../errors';
import { readMessages } from '../messages';

/** A line of a log as an object `toRecord` takes. */
type Shape = (line: { readonly [key: string]: unknown }) => unknown;

function invalid(reason: string): DistillationError {
	return new DistillationError('invalidRecord', reason);
}

function object(value: unknown): { readonly [key: string]: unknown } {
	return isObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/**
 * OpenAI: training files (`{ messages, tools }`), and logs of calls as proxies and `store: true` write them
 * (`{ request, response }`, `{ body, response: { body } }`, or both in one object with `choices`).
 */
const openAi: Shape = (line) => {
	const wrapped = object(line.request ?? line.body);
	const request = object(wrapped.body ?? (Object.keys(wrapped).length > 0 ? wrapped : line));
	const outer = object(line.response);
	const response = object(outer.body ?? (Object.keys(outer).length > 0 ? outer : line));
	const choices = list(response.choices);
	const answers = choices.map((entry) => {
		const choice = object(entry);
		return {
			...object(choice.message),
			finish_reason: choice.finish_reason,
			logprobs: choice.logprobs ?? undefined,
		};
	});
	const messages = request.messages ?? request.input;
	if (messages === undefined) throw invalid('there is no question: neither messages nor request.messages');
	return {
		id: asString(response.id) ?? asString(line.custom_id) ?? asString(line.id),
		messages,
		...(answers.length === 0 ? {} : { answers }),
		tools: request.tools,
		parallelToolCalls: request.parallel_tool_calls,
		usage: response.usage,
		model: asString(response.model) ?? asString(request.model),
		createdAt: asNumber(response.created) ?? line.created_at ?? line.timestamp,
		labels: request.metadata ?? line.metadata,
	};
};

/** ShareGPT: `{ conversations: [{ from, value }] }`, also under `items`. */
const shareGpt: Shape = (line) => ({
	id: asString(line.id),
	messages: readShareGpt(line.conversations ?? line.items, line.system),
	tools: line.tools === '' ? undefined : line.tools,
	model: asString(line.model),
	conversation: asString(line.id),
});

const LANGCHAIN_ROLES: { readonly [name: string]: string } = {
	HumanMessage: 'user',
	AIMessage: 'assistant',
	AIMessageChunk: 'assistant',
	SystemMessage: 'system',
	ToolMessage: 'tool',
	FunctionMessage: 'tool',
	human: 'user',
	ai: 'assistant',
	system: 'system',
	tool: 'tool',
};

/** A LangChain message: serialised (`lc`, `id`, `kwargs`), `{ type, data }`, or plain `{ role, content }`. */
function langChainMessage(value: unknown): unknown {
	const message = object(value);
	const name = list(message.id).at(-1) ?? message.type;
	const fields = object(message.kwargs ?? message.data ?? message);
	const role =
		asString(message.role) ??
		(typeof name === 'string' ? LANGCHAIN_ROLES[name] : undefined) ??
		asString(fields.role);
	return {
		role,
		content: fields.content,
		name: fields.name,
		tool_call_id: fields.tool_call_id,
		tool_calls: list(fields.tool_calls).map((call) => {
			const entry = object(call);
			return {
				id: entry.id,
				name: entry.name ?? object(entry.function).name,
				arguments: entry.args ?? object(entry.function).arguments,
			};
		}),
	};
}

/** The first text among the usual names of an output, or undefined. */
function outputText(outputs: { readonly [key: string]: unknown }): unknown {
	const found = outputs.output ?? outputs.answer ?? outputs.text ?? outputs.result ?? outputs.content;
	return isObject(found) ? langChainMessage(found) : found;
}

/** Runs as LangSmith exports them: `{ inputs, outputs, run_type, start_time, extra, trace_id … }`. */
const langSmith: Shape = (line) => {
	if (line.error !== undefined && line.error !== null) throw invalid('the run ended with an error');
	const inputs = object(line.inputs);
	const outputs = object(line.outputs);
	const given = list(inputs.messages ?? inputs.input);
	const messages = list(Array.isArray(given[0]) ? given[0] : given).map(langChainMessage);
	const question = asString(inputs.input) ?? asString(inputs.question) ?? asString(inputs.prompt);
	if (messages.length === 0 && question === undefined)
		throw invalid('there is no question in inputs (messages, input, question or prompt)');
	const generation = object(list(list(outputs.generations)[0])[0] ?? list(outputs.generations)[0]);
	const choice = object(list(outputs.choices)[0]);
	const message = generation.message ?? choice.message ?? outputs.message ?? list(outputs.messages).at(-1);
	const answer = message === undefined ? (generation.text ?? outputText(outputs)) : langChainMessage(message);
	const finish = object(generation.generation_info).finish_reason ?? choice.finish_reason;
	const metadata = object(object(line.extra).metadata);
	const started = new Date(asString(line.start_time) ?? NaN).getTime();
	const ended = new Date(asString(line.end_time) ?? NaN).getTime();
	return {
		id: asString(line.id),
		messages: messages.length > 0 ? messages : question,
		answer: isObject(answer) && finish !== undefined ? { ...answer, finish_reason: finish } : answer,
		createdAt: line.start_time,
		...(Number.isNaN(ended - started) ? {} : { latencyMs: ended - started }),
		model: asString(metadata.ls_model_name) ?? asString(object(object(line.extra).invocation_params).model),
		conversation: asString(metadata.session_id) ?? asString(metadata.thread_id),
		usage: outputs.usage_metadata ?? object(outputs.llm_output).token_usage,
		lineage: { execution: asString(line.trace_id), node: asString(line.name) },
	};
};

/** A data set in one of the export formats keeps its last assistant turn as the answer. */
const trl: Shape = (line) => {
	const prompt = readMessages(line.prompt);
	const read = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);
	const labelled = (value: unknown, label: boolean) =>
		typeof value === 'string' ? { content: value, label } : { ...object(read(value)), label };
	const answers =
		line.chosen !== undefined
			? [labelled(line.chosen, true), labelled(line.rejected, false)]
			: line.completion === undefined
				? []
				: [typeof line.label === 'boolean' ? labelled(line.completion, line.label) : read(line.completion)];
	return { messages: prompt, answers, tools: line.tools };
};

/** Items of the Engine Gateway trigger: one exchange each, embeddings and rerank calls have nothing to learn from. */
const gateway: Shape = (line) => {
	const chat = object(line.chat);
	if (!isObject(chat.request)) throw invalid('the exchange is no chat: only chats can be learnt from');
	if (!isObject(chat.answer)) throw invalid('the exchange has no answer: it ended with an error');
	const { text, ...answer } = chat.answer;
	return {
		id: line.id,
		messages: chat.request.messages,
		tools: chat.request.tools,
		answer: {
			...answer,
			content: text,
			finishReason: answer.finishReason ?? 'unknown',
			reasoning: answer.reasoning === '' ? undefined : answer.reasoning,
		},
		usage: line.usage,
		latencyMs: line.ms,
		engine: line.engine,
		model: line.model,
		createdAt: line.startedAt,
		labels: line.key === undefined ? undefined : { caller: line.key },
	};
};

const record: Shape = (line) => line;

export const LOG_FORMATS = [
	'auto',
	'openai',
	'sharegpt',
	'langsmith',
	'gateway',
	'alpaca',
	'trl',
	'record',
] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

const SHAPES: { readonly [format in Exclude<LogFormat, 'auto'>]: Shape } = {
	openai: openAi,
	sharegpt: shareGpt,
	langsmith: langSmith,
	gateway,
	alpaca: (line) => (isJsonObject(line) ? alpaca.read(line) : line),
	trl,
	record,
};

/** What a line looks like, by the fields that only one format has. */
function recognise(line: { readonly [key: string]: unknown }): Exclude<LogFormat, 'auto'> {
	if (isObject(line.lineage) && Array.isArray(line.answers)) return 'record';
	if (typeof line.route === 'string' && typeof line.startedAt === 'string') return 'gateway';
	if (Array.isArray(line.conversations) || Array.isArray(line.items)) return 'sharegpt';
	if (line.inputs !== undefined || line.run_type !== undefined) return 'langsmith';
	if (typeof line.instruction === 'string') return 'alpaca';
	if (
		line.request !== undefined ||
		line.response !== undefined ||
		line.choices !== undefined ||
		line.body !== undefined
	)
		return 'openai';
	const answered = line.answers !== undefined || line.answer !== undefined;
	if (line.prompt !== undefined) return answered ? 'record' : 'trl';
	if (line.messages !== undefined) return answered ? 'record' : 'openai';
	throw invalid(
		'the line looks like none of the known formats (OpenAI, ShareGPT, LangSmith, Alpaca, TRL, our own)',
	);
}

/** A parsed line as an object for `toRecord`. Throws `invalidRecord`. */
export function readShape(line: unknown, format: LogFormat): unknown {
	if (!isObject(line)) throw invalid('the line is JSON, but not an object');
	return SHAPES[format === 'auto' ? recognise(line) : format](line);
}
