import { isObject, type JsonObject } from '../../../support';
import { preferences } from '../../feedback';
import type { ExchangeRecord } from '../../types';
import type { Format } from '../types';
import { checkEndsWithAssistant, checkKeys, checkTools, checkTurns, NOT_AN_OBJECT } from './checks';
import { labelled } from './trl';
import { answerTurn, conversation, conversationLine, toolRows, turns } from './turns';

// OpenAI's fine-tuning files: https://platform.openai.com/docs/guides/supervised-fine-tuning and …/direct-preference-optimization

/** OpenAI has no field for a model's thinking; the rest of a turn is as it is. */
function withoutReasoning(rows: readonly JsonObject[]): JsonObject[] {
	return rows.map((row) =>
		Object.fromEntries(Object.entries(row).filter(([key]) => key !== 'reasoning_content')),
	);
}

function toolFields(record: ExchangeRecord): JsonObject {
	return {
		...(record.tools === undefined ? {} : { tools: toolRows(record.tools) }),
		...(record.parallelToolCalls === undefined ? {} : { parallel_tool_calls: record.parallelToolCalls }),
	};
}

function checkFlag(value: unknown): string[] {
	return value === undefined || typeof value === 'boolean'
		? []
		: ['parallel_tool_calls must be true or false'];
}

export const openAiSft: Format = {
	name: 'openai-sft',
	title: 'OpenAI supervised fine-tuning',
	reference: 'https://platform.openai.com/docs/guides/supervised-fine-tuning',
	holds: ['system', 'turns', 'tools', 'toolCalls', 'names'],
	limits: { least: 10 },
	rows: (record) => {
		const answer = record.answers[0];
		return answer === undefined
			? 'noAnswer'
			: [{ messages: withoutReasoning(conversation(record, answer)), ...toolFields(record) }];
	},
	line: (record) =>
		record.parallelToolCalls === undefined && record.answers[0] !== undefined
			? conversationLine(record, record.answers[0])
			: undefined,
	read: (row) => ({ messages: row.messages, tools: row.tools, parallelToolCalls: row.parallel_tool_calls }),
	validate: (row) =>
		isObject(row)
			? [
					...checkKeys(row, ['messages', 'tools', 'parallel_tool_calls']),
					...checkTurns(row.messages, 'messages'),
					...checkEndsWithAssistant(row.messages, 'messages'),
					...checkTools(row.tools, 'tools'),
					...checkFlag(row.parallel_tool_calls),
				]
			: NOT_AN_OBJECT,
};

export const openAiDpo: Format = {
	name: 'openai-dpo',
	title: 'OpenAI direct preference optimisation',
	reference: 'https://platform.openai.com/docs/guides/direct-preference-optimization',
	holds: ['system', 'turns', 'tools', 'toolCalls', 'names', 'furtherAnswers', 'labels'],
	limits: { least: 10 },
	rows: (record) => {
		const pairs = preferences(record);
		if (pairs.length === 0) return 'noPreference';
		return pairs.map(({ chosen, rejected }) => ({
			input: { messages: withoutReasoning(turns(record.messages)), ...toolFields(record) },
			preferred_output: withoutReasoning([answerTurn(chosen)]),
			non_preferred_output: withoutReasoning([answerTurn(rejected)]),
		}));
	},
	read: (row) => {
		const input = isObject(row.input) ? row.input : {};
		const output = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
		return {
			messages: input.messages,
			tools: input.tools,
			parallelToolCalls: input.parallel_tool_calls,
			answers: [
				labelled(output(row.preferred_output), true),
				labelled(output(row.non_preferred_output), false),
			],
		};
	},
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		if (!isObject(row.input)) return ['input must be an object'];
		return [
			...checkKeys(row, ['input', 'preferred_output', 'non_preferred_output']),
			...checkKeys(row.input, ['messages', 'tools', 'parallel_tool_calls']),
			...checkTurns(row.input.messages, 'input.messages'),
			...checkTools(row.input.tools, 'input.tools'),
			...checkFlag(row.input.parallel_tool_calls),
			...checkEndsWithAssistant(row.preferred_output, 'preferred_output'),
			...checkEndsWithAssistant(row.non_preferred_output, 'non_preferred_output'),
		];
	},
};
