import { isObject, type JsonObject } from '../../../support';
import { messageOfAnswer } from '../../messages';
import type { Format } from '../types';
import { checkKeys, NOT_AN_OBJECT } from './checks';

const SCHEMA = 'bedrock-conversation-2024';

function text(parts: unknown): string {
	if (!Array.isArray(parts)) return '';
	return parts
		.map((part: unknown) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
		.join('');
}

function checkText(parts: unknown, where: string): string[] {
	const fine =
		Array.isArray(parts) &&
		parts.length > 0 &&
		parts.every((part: unknown) => isObject(part) && typeof part.text === 'string' && part.text !== '');
	return fine ? [] : [`${where} must be a list of { text }, not empty`];
}

/** Amazon Bedrock's conversation format; it knows no tools, and turns must alternate from user to assistant. */
export const bedrock: Format = {
	name: 'bedrock',
	title: 'Amazon Bedrock conversation',
	reference: 'https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html',
	holds: ['system', 'turns'],
	limits: { most: 15_000 },
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		const turns = [
			...record.messages.filter((message) => message.role !== 'system'),
			messageOfAnswer(answer),
		];
		if (turns.some((message) => message.role === 'tool' || message.toolCalls !== undefined))
			return 'toolCalls';
		if (turns.some((message, position) => message.role !== (position % 2 === 0 ? 'user' : 'assistant')))
			return 'turnsDoNotAlternate';
		const system: JsonObject[] = record.messages
			.filter((message) => message.role === 'system')
			.map((message) => ({ text: message.content }));
		return [
			{
				schemaVersion: SCHEMA,
				...(system.length === 0 ? {} : { system }),
				messages: turns.map((message) => ({ role: message.role, content: [{ text: message.content }] })),
			},
		];
	},
	read: (row) => ({
		messages: [
			...(Array.isArray(row.system) ? row.system : []).map((part: unknown) => ({
				role: 'system',
				content: text([part]),
			})),
			...(Array.isArray(row.messages) ? row.messages : []).map((message: unknown) =>
				isObject(message) ? { role: message.role, content: text(message.content) } : message,
			),
		],
	}),
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		const problems = checkKeys(row, ['schemaVersion', 'system', 'messages']);
		if (row.schemaVersion !== SCHEMA) problems.push(`schemaVersion must be ${SCHEMA}`);
		if (row.system !== undefined) problems.push(...checkText(row.system, 'system'));
		const messages: readonly unknown[] = Array.isArray(row.messages) ? row.messages : [];
		if (messages.length < 2 || messages.length % 2 === 1)
			problems.push('messages must be pairs of user and assistant');
		messages.forEach((message, position) => {
			const role = position % 2 === 0 ? 'user' : 'assistant';
			if (!isObject(message) || message.role !== role)
				problems.push(`messages[${position}].role must be ${role}`);
			else problems.push(...checkText(message.content, `messages[${position}].content`));
		});
		return problems;
	},
};
