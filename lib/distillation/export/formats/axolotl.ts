import { isObject, type JsonObject } from '../../../support';
import type { Logprobs, TokenLogprob } from '../../types';
import type { Format } from '../types';
import { checkEndsWithAssistant, checkKeys, checkTools, checkTurns, NOT_AN_OBJECT } from './checks';
import { conversation, toolText, TURN_COLUMNS } from './turns';

const TOKEN_ID = /^token_id:(\d+)$/;

/** Axolotl names tokens by id where there is one: the student must have the teacher's vocabulary anyway. */
function token(entry: TokenLogprob): JsonObject {
	return { token: entry.id === undefined ? entry.token : `token_id:${entry.id}`, logprob: entry.logprob };
}

/** Per position the alternatives, most likely first (the chosen token alone where the engine gave no others). */
function positions(logprobs: Logprobs): JsonObject[][] {
	return logprobs.positions.map((position) => {
		const top = position.top === undefined || position.top.length === 0 ? [position] : position.top;
		return [...top].sort((a, b) => b.logprob - a.logprob).map(token);
	});
}

function readToken(value: unknown): unknown {
	if (!isObject(value) || typeof value.token !== 'string') return value;
	const id = TOKEN_ID.exec(value.token)?.[1];
	return { token: value.token, logprob: value.logprob, ...(id === undefined ? {} : { id: Number(id) }) };
}

/** Axolotl's knowledge distillation: messages with the teacher's log probabilities for each position of the answer. */
export const axolotl: Format = {
	name: 'axolotl-logprobs',
	title: 'Axolotl knowledge distillation (log probabilities)',
	reference: 'https://docs.axolotl.ai/docs/custom_integrations.html#knowledge-distillation-kd',
	holds: ['system', 'turns', 'tools', 'toolCalls', 'reasoning', 'names', 'logprobs'],
	columns: {
		messages: { list: TURN_COLUMNS },
		logprobs: { list: { list: { token: 'string', logprob: 'double' } } },
		tools: 'string',
		teacher: {
			tokenizer: 'string',
			vocabulary_size: 'double',
			temperature: 'double',
			k: 'double',
			tail_mass: 'double',
		},
	},
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		const logprobs = answer.logprobs;
		if (logprobs === undefined || logprobs.positions.length === 0) return 'noLogprobs';
		const { tokenizer, vocabularySize, temperature, k, tailMass } = logprobs;
		return [
			{
				messages: conversation(record, answer, 'object'),
				logprobs: positions(logprobs),
				...toolText(record),
				teacher: {
					...(tokenizer === undefined ? {} : { tokenizer }),
					...(vocabularySize === undefined ? {} : { vocabulary_size: vocabularySize }),
					...(temperature === undefined ? {} : { temperature }),
					...(k === undefined ? {} : { k }),
					...(tailMass === undefined ? {} : { tail_mass: tailMass }),
				},
			},
		];
	},
	read: (row) => {
		const messages: readonly unknown[] = Array.isArray(row.messages) ? row.messages : [];
		const last = messages.at(-1);
		const teacher = isObject(row.teacher) ? row.teacher : {};
		const list: readonly unknown[] = Array.isArray(row.logprobs) ? row.logprobs : [];
		const read = list.map((entry) => {
			const top: unknown[] = Array.isArray(entry) ? entry.map(readToken) : [];
			return isObject(top[0]) ? { ...top[0], top } : entry;
		});
		const logprobs = {
			positions: read,
			tokenizer: teacher.tokenizer,
			vocabularySize: teacher.vocabulary_size,
			temperature: teacher.temperature,
			k: teacher.k,
			tailMass: teacher.tail_mass,
		};
		return {
			messages: messages.slice(0, -1),
			answer: isObject(last) ? { ...last, logprobs } : last,
			tools: row.tools,
		};
	},
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		const problems = [
			...checkKeys(row, ['messages', 'logprobs', 'tools', 'teacher']),
			...checkTurns(row.messages, 'messages'),
			...checkEndsWithAssistant(row.messages, 'messages'),
			...checkTools(row.tools, 'tools'),
		];
		const list: readonly unknown[] = Array.isArray(row.logprobs) ? row.logprobs : [];
		if (list.length === 0)
			problems.push('logprobs must be a list, one entry for each position of the answer');
		const fine = (value: unknown) =>
			isObject(value) &&
			typeof value.token === 'string' &&
			typeof value.logprob === 'number' &&
			value.logprob <= 1e-6;
		list.forEach((position, index) => {
			if (!Array.isArray(position) || position.length === 0 || !position.every(fine)) {
				problems.push(`logprobs[${index}] must be a list of { token, logprob ≤ 0 }`);
			}
		});
		return problems;
	},
};
