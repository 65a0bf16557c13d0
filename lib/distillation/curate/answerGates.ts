import { isObject, parseJson, type JsonObject, shortened } from '../../support';
import { checkSchema } from '../../support/schema';
import { throwIfCancelled } from '../errors';
import { messageOfAnswer, textOf } from '../messages';
import type { Answer, CountTokens, ExchangeRecord } from '../types';
import { countExchange, type RenderChat } from './chatTemplate';
import { isRefusal } from './refusal';
import type { Gate, Verdict } from './types';

// Gates that look at one record alone, at the answer to learn from (the first).

/** Keeps answers that ended by themselves: `stop`, or with tool calls. */
export function finishReasonGate(): Gate {
	return {
		name: 'finishReason',
		judge: (record) => {
			const reason = record.answers[0]?.finishReason;
			return reason === undefined || reason === 'stop' || reason === 'toolCalls' ? undefined : { reason };
		},
	};
}

export interface EmptyOptions {
	/** Records without any answer are kept (for prompt-only sets). Default false. */
	readonly allowPromptOnly?: boolean;
}

/** Rejects records without a question or without an answer. */
export function emptyGate(options: EmptyOptions = {}): Gate {
	return {
		name: 'empty',
		judge: (record) => {
			if (!record.messages.some((message) => message.role !== 'system' && textOf(message).trim() !== '')) {
				return { reason: 'noPrompt' };
			}
			const answer = record.answers[0];
			if (answer === undefined) return options.allowPromptOnly === true ? undefined : { reason: 'noAnswer' };
			return textOf(messageOfAnswer(answer)).trim() === '' ? { reason: 'emptyAnswer' } : undefined;
		},
	};
}

/** Rejects answers that decline (see `isRefusal`); `patterns` are further beginnings, as regular expressions. */
export function refusalGate(patterns: readonly RegExp[] = []): Gate {
	return {
		name: 'refusal',
		judge: (record) => {
			const content = record.answers[0]?.content ?? '';
			return isRefusal(content) || patterns.some((pattern) => pattern.test(content))
				? { reason: 'refusal', detail: shortened(content, 120) }
				: undefined;
		},
	};
}

/** What is wrong with a value, as a verdict; undefined when nothing is. */
async function schemaVerdict(
	schema: JsonObject,
	value: unknown,
	reason: string,
	prefix = '',
): Promise<Verdict> {
	const verdict = await checkSchema(schema, value);
	if ('invalidSchema' in verdict)
		return { reason: 'schemaUnusable', detail: `${prefix}${verdict.invalidSchema}` };
	const [problem] = verdict.problems;
	return problem === undefined ? undefined : { reason, detail: `${prefix}${problem}` };
}

/** Judges records one after another; one that cannot be judged fails alone. */
function oneByOne(judge: (record: ExchangeRecord) => Promise<Verdict>) {
	return async (records: readonly ExchangeRecord[], signal: AbortSignal | undefined): Promise<Verdict[]> => {
		const verdicts: Verdict[] = [];
		for (const record of records) {
			throwIfCancelled(signal);
			verdicts.push(await judge(record));
		}
		return verdicts;
	};
}

/** Rejects tool calls whose arguments are not a JSON object, name no offered tool, or break the tool's schema. */
export function toolCallGate(): Gate {
	const check = async (record: ExchangeRecord, answer: Answer): Promise<Verdict> => {
		for (const call of answer.toolCalls ?? []) {
			const value = parseJson(call.arguments);
			if (!isObject(value))
				return { reason: 'brokenJson', detail: `${call.name}: ${shortened(call.arguments, 120)}` };
			if (record.tools === undefined) continue;
			const tool = record.tools.find((offered) => offered.name === call.name);
			if (tool === undefined) return { reason: 'unknownTool', detail: call.name };
			if (tool.parameters === undefined) continue;
			const verdict = await schemaVerdict(tool.parameters, value, 'argumentsInvalid', `${call.name}: `);
			if (verdict !== undefined) return verdict;
		}
		return undefined;
	};
	return {
		name: 'toolCalls',
		judgeAll: oneByOne(async (record) => {
			const answer = record.answers[0];
			if (answer === undefined) return undefined;
			if (answer.finishReason === 'toolCalls' && (answer.toolCalls ?? []).length === 0)
				return { reason: 'noCalls' };
			return await check(record, answer);
		}),
	};
}

/** Rejects answers that are not JSON of the record's schema, or of `schema` where the record has none. */
export function schemaGate(schema?: JsonObject): Gate {
	return {
		name: 'schema',
		judgeAll: oneByOne(async (record) => {
			const wanted = record.schema ?? schema;
			const answer = record.answers[0];
			if (wanted === undefined || answer === undefined || answer.toolCalls !== undefined) return undefined;
			const value = parseJson(answer.content);
			if (value === undefined) return { reason: 'notJson', detail: shortened(answer.content, 120) };
			return await schemaVerdict(wanted, value, 'schemaInvalid');
		}),
	};
}

export interface LengthOptions {
	/** Most tokens of prompt and answer after the chat template. Default 8,192. */
	readonly maxTokens?: number;
	/** Least tokens. Default 0. */
	readonly minTokens?: number;
	readonly countTokens?: CountTokens;
	readonly render?: RenderChat;
}

export const MAX_TOKENS = 8192;

export function lengthGate(options: LengthOptions = {}): Gate {
	const { maxTokens = MAX_TOKENS, minTokens = 0, countTokens, render } = options;
	return {
		name: 'length',
		judge: (record) => {
			const tokens = countExchange(record, record.answers[0], countTokens, render);
			if (tokens > maxTokens) return { reason: 'tooLong', detail: `${tokens} tokens, at most ${maxTokens}` };
			if (tokens < minTokens)
				return { reason: 'tooShort', detail: `${tokens} tokens, at least ${minTokens}` };
			return undefined;
		},
	};
}

export interface LicenceOptions {
	/** Licences (of the answers) that are taken; empty or absent: all but `deny`. Compared without case. */
	readonly allow?: readonly string[];
	readonly deny?: readonly string[];
	/** Records that name no licence: `keep` (default) or `reject`. */
	readonly unknown?: 'keep' | 'reject';
}

export function licenceGate(options: LicenceOptions): Gate {
	const lower = (names: readonly string[] | undefined) =>
		new Set((names ?? []).map((name) => name.toLowerCase()));
	const allow = lower(options.allow);
	const deny = lower(options.deny);
	return {
		name: 'licence',
		judge: (record) => {
			// A person's correction is not the teacher's output.
			if (record.answers[0]?.author === 'human') return undefined;
			const licence = record.licence?.toLowerCase();
			if (licence === undefined)
				return options.unknown === 'reject' ? { reason: 'unknownLicence' } : undefined;
			if (deny.has(licence) || (allow.size > 0 && !allow.has(licence))) {
				return { reason: 'licence', detail: record.licence };
			}
			return undefined;
		},
	};
}
