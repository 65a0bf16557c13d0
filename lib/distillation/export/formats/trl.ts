import { isObject } from '../../../support';
import { preferences } from '../../feedback';
import type { Format, Row } from '../types';
import {
	checkEndsWithAssistant,
	checkKeys,
	checkTools,
	checkTurns,
	isTextList,
	NOT_AN_OBJECT,
} from './checks';
import { answerTurn, conversation, conversationLine, toolText, TURN_COLUMNS, turns } from './turns';

// Data sets of Hugging Face's TRL: https://huggingface.co/docs/trl/dataset_formats

const REFERENCE = 'https://huggingface.co/docs/trl/dataset_formats';
const CHAT = ['system', 'turns', 'tools', 'toolCalls', 'reasoning', 'names'] as const;
const TURNS = { list: TURN_COLUMNS };
const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);

function validateWith(
	keys: readonly string[],
	check: (row: { readonly [key: string]: unknown }) => string[],
) {
	return (row: unknown) =>
		isObject(row)
			? [...checkKeys(row, keys), ...check(row), ...checkTools(row.tools, 'tools')]
			: NOT_AN_OBJECT;
}

export const trlMessages: Format = {
	name: 'trl-messages',
	title: 'TRL language modelling (messages)',
	reference: REFERENCE,
	holds: CHAT,
	columns: { messages: TURNS, tools: 'string' },
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		const messages = conversation(record, answer, 'object');
		return [record.tools === undefined ? { messages } : { messages, ...toolText(record) }];
	},
	line: (record) => record.answers[0] && conversationLine(record, record.answers[0]),
	read: (row) => ({ messages: row.messages, tools: row.tools }),
	validate: validateWith(['messages', 'tools'], (row) => [
		...checkTurns(row.messages, 'messages'),
		...checkEndsWithAssistant(row.messages, 'messages'),
	]),
};

export const trlPromptCompletion: Format = {
	name: 'trl-prompt-completion',
	title: 'TRL prompt–completion',
	reference: REFERENCE,
	holds: CHAT,
	columns: { prompt: TURNS, completion: TURNS, tools: 'string' },
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		return [
			{
				prompt: turns(record.messages, 'object'),
				completion: [answerTurn(answer, 'object')],
				...toolText(record),
			},
		];
	},
	read: (row) => ({ messages: row.prompt, answer: first(row.completion), tools: row.tools }),
	validate: validateWith(['prompt', 'completion', 'tools'], (row) => [
		...checkTurns(row.prompt, 'prompt'),
		...checkTurns(row.completion, 'completion'),
		...checkEndsWithAssistant(row.completion, 'completion'),
	]),
};

export const trlPrompt: Format = {
	name: 'trl-prompt',
	title: 'TRL prompt only',
	reference: REFERENCE,
	holds: CHAT,
	takesUnanswered: true,
	columns: { prompt: TURNS, tools: 'string' },
	rows: (record) => [{ prompt: turns(record.messages, 'object'), ...toolText(record) }],
	read: (row) => ({ messages: row.prompt, tools: row.tools, answers: [] }),
	validate: validateWith(['prompt', 'tools'], (row) => {
		const last: unknown = Array.isArray(row.prompt) ? row.prompt.at(-1) : undefined;
		return [
			...checkTurns(row.prompt, 'prompt'),
			...(isObject(last) && last.role === 'assistant' ? ['prompt must not end with the assistant'] : []),
		];
	}),
};

export const trlPreference: Format = {
	name: 'trl-preference',
	title: 'TRL preference (DPO)',
	reference: REFERENCE,
	holds: [...CHAT, 'furtherAnswers', 'labels'],
	columns: { prompt: TURNS, chosen: TURNS, rejected: TURNS, tools: 'string' },
	rows: (record) => {
		const pairs = preferences(record);
		if (pairs.length === 0) return 'noPreference';
		return pairs.map(({ chosen, rejected }) => ({
			prompt: turns(record.messages, 'object'),
			chosen: [answerTurn(chosen, 'object')],
			rejected: [answerTurn(rejected, 'object')],
			...toolText(record),
		}));
	},
	read: (row) => ({
		messages: row.prompt,
		answers: [labelled(first(row.chosen), true), labelled(first(row.rejected), false)],
		tools: row.tools,
	}),
	validate: validateWith(['prompt', 'chosen', 'rejected', 'tools'], (row) => [
		...checkTurns(row.prompt, 'prompt'),
		...checkEndsWithAssistant(row.chosen, 'chosen'),
		...checkEndsWithAssistant(row.rejected, 'rejected'),
		...(JSON.stringify(row.chosen) === JSON.stringify(row.rejected)
			? ['chosen and rejected are the same']
			: []),
	]),
};

export function labelled(turn: unknown, label: boolean): unknown {
	return isObject(turn) ? { ...turn, label } : turn;
}

export const trlUnpaired: Format = {
	name: 'trl-unpaired',
	title: 'TRL unpaired preference (KTO)',
	reference: REFERENCE,
	holds: [...CHAT, 'furtherAnswers', 'labels'],
	columns: { prompt: TURNS, completion: TURNS, label: 'boolean', tools: 'string' },
	rows: (record) => {
		const rows = record.answers.flatMap((answer): Row[] =>
			answer.label === undefined
				? []
				: [
						{
							prompt: turns(record.messages, 'object'),
							completion: [answerTurn(answer, 'object')],
							label: answer.label,
							...toolText(record),
						},
					],
		);
		return rows.length === 0 ? 'noLabel' : rows;
	},
	read: (row) => ({
		messages: row.prompt,
		answers: [labelled(first(row.completion), row.label === true)],
		tools: row.tools,
	}),
	validate: validateWith(['prompt', 'completion', 'label', 'tools'], (row) => [
		...checkTurns(row.prompt, 'prompt'),
		...checkEndsWithAssistant(row.completion, 'completion'),
		...(typeof row.label === 'boolean' ? [] : ['label must be true or false']),
	]),
};

export const trlStepwise: Format = {
	name: 'trl-stepwise',
	title: 'TRL stepwise supervision (PRM)',
	reference: REFERENCE,
	holds: ['steps'],
	takesUnanswered: true,
	columns: { prompt: 'string', completions: { list: 'string' }, labels: { list: 'boolean' } },
	rows: (record) => {
		const steps = record.steps;
		const asked = record.messages.filter((message) => message.role !== 'system');
		if (steps === undefined || steps.length === 0) return 'noSteps';
		// The prompt is one text here; a conversation cut down to its last question would ask something else.
		if (asked.length !== 1 || asked[0] === undefined) return 'conversation';
		return [
			{
				prompt: asked[0].content,
				completions: steps.map((step) => step.text),
				labels: steps.map((step) => step.correct),
			},
		];
	},
	read: (row) => {
		const texts = isTextList(row.completions) ? row.completions : [];
		const labels = Array.isArray(row.labels) ? row.labels : [];
		return {
			messages: row.prompt,
			answers: [],
			steps: texts.map((text, position) => ({ text, correct: labels[position] === true })),
		};
	},
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		const { prompt, completions, labels } = row;
		const problems = checkKeys(row, ['prompt', 'completions', 'labels']);
		if (typeof prompt !== 'string' || prompt.trim() === '') problems.push('prompt must be text');
		if (!isTextList(completions) || completions.length === 0)
			problems.push('completions must be a list of texts');
		else if (
			!Array.isArray(labels) ||
			labels.length !== completions.length ||
			!labels.every((label) => typeof label === 'boolean')
		) {
			problems.push('labels must be true or false for each completion');
		}
		return problems;
	},
};
