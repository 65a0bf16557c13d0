import { isObject } from '../../../support';
import type { Format } from '../types';
import { checkKeys, isTextList, NOT_AN_OBJECT } from './checks';

const KEYS = ['instruction', 'input', 'output', 'system', 'history'];

/** Alpaca: one instruction and its output, earlier rounds in `history` (trainers learn from the answers there too). */
export const alpaca: Format = {
	name: 'alpaca',
	title: 'Alpaca',
	reference: 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#alpaca-format',
	holds: ['system', 'turns'],
	columns: {
		instruction: 'string',
		input: 'string',
		output: 'string',
		system: 'string',
		history: { list: { list: 'string' } },
	},
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		const system = record.messages
			.filter((message) => message.role === 'system')
			.map((message) => message.content);
		const turns = record.messages.filter((message) => message.role !== 'system');
		if (
			answer.toolCalls !== undefined ||
			turns.some((message) => message.role === 'tool' || message.toolCalls !== undefined)
		)
			return 'toolCalls';
		const question = turns.at(-1);
		if (
			turns.length % 2 === 0 ||
			question === undefined ||
			turns.some((message, position) => message.role !== (position % 2 === 0 ? 'user' : 'assistant'))
		) {
			return 'turnsDoNotAlternate';
		}
		const history: string[][] = [];
		for (let position = 0; position + 1 < turns.length; position += 2) {
			history.push([turns[position]?.content ?? '', turns[position + 1]?.content ?? '']);
		}
		return [
			{
				instruction: question.content,
				input: '',
				output: answer.content,
				...(system.length === 0 ? {} : { system: system.join('\n\n') }),
				...(history.length === 0 ? {} : { history }),
			},
		];
	},
	read: (row) => {
		const rounds: readonly unknown[] = Array.isArray(row.history) ? row.history : [];
		const input = typeof row.input === 'string' && row.input !== '' ? `\n${row.input}` : '';
		return {
			messages: [
				...(typeof row.system === 'string' && row.system !== ''
					? [{ role: 'system', content: row.system }]
					: []),
				...rounds.flatMap((round) =>
					isTextList(round)
						? [
								{ role: 'user', content: round[0] },
								{ role: 'assistant', content: round[1] },
							]
						: [],
				),
				{
					role: 'user',
					content: typeof row.instruction === 'string' ? `${row.instruction}${input}` : row.instruction,
				},
			],
			answer: row.output,
		};
	},
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		const problems = checkKeys(row, KEYS);
		for (const key of ['instruction', 'output']) {
			const value = row[key];
			if (typeof value !== 'string' || value.trim() === '') problems.push(`${key} must be text`);
		}
		for (const key of ['input', 'system']) {
			if (row[key] !== undefined && typeof row[key] !== 'string') problems.push(`${key} must be text`);
		}
		const history = row.history;
		if (
			history !== undefined &&
			!(Array.isArray(history) && history.every((round: unknown) => isTextList(round) && round.length === 2))
		) {
			problems.push('history must be a list of [question, answer]');
		}
		return problems;
	},
};
