import { isObject, parseJson, type JsonObject } from '../../../support';
import { preferences } from '../../feedback';
import { messageOfAnswer } from '../../messages';
import type { Answer, ExchangeRecord, Message } from '../../types';
import type { Format } from '../types';
import { checkKeys, checkTools, NOT_AN_OBJECT } from './checks';
import { toolText } from './turns';

// ShareGPT: {from, value} turns. LLaMA-Factory's rules: human and observation in odd places, gpt and function_call in even ones.

const ASKS = new Set(['human', 'observation']);
const SAYS = new Set(['gpt', 'function_call']);

/** A turn in ShareGPT's words, or why it cannot be one. */
function turn(message: Message): JsonObject | string {
	if (message.role === 'tool') return { from: 'observation', value: message.content };
	if (message.role === 'user') return { from: 'human', value: message.content };
	const calls = message.toolCalls ?? [];
	if (calls.length === 0) return { from: 'gpt', value: message.content };
	// A function_call turn is the calls alone, as JSON: one object, or a list for parallel calls.
	if (message.content !== '') return 'textBesideToolCalls';
	const values = calls.map((call) => ({
		name: call.name,
		arguments: parseJson(call.arguments) ?? call.arguments,
	}));
	return { from: 'function_call', value: JSON.stringify(values.length === 1 ? values[0] : values) };
}

function conversationOf(record: ExchangeRecord, answer: Answer | undefined): JsonObject[] | string {
	const turns: JsonObject[] = [];
	for (const message of answer === undefined
		? record.messages
		: [...record.messages, messageOfAnswer(answer)]) {
		if (message.role === 'system') continue;
		const row = turn(message);
		if (typeof row === 'string') return row;
		const expected = turns.length % 2 === 0 ? ASKS : SAYS;
		if (typeof row.from !== 'string' || !expected.has(row.from)) return 'turnsDoNotAlternate';
		turns.push(row);
	}
	return turns;
}

function systemOf(record: ExchangeRecord): { system: string } | Record<string, never> {
	const system = record.messages
		.filter((message) => message.role === 'system')
		.map((message) => message.content);
	return system.length === 0 ? {} : { system: system.join('\n\n') };
}

/** ShareGPT turns as messages; a call and its observations get matching ids. */
export function readShareGpt(conversations: unknown, system: unknown): unknown[] {
	const messages: unknown[] =
		typeof system === 'string' && system !== '' ? [{ role: 'system', content: system }] : [];
	let calls: string[] = [];
	let number = 0;
	for (const entry of Array.isArray(conversations) ? conversations : []) {
		if (!isObject(entry)) {
			messages.push(entry);
			continue;
		}
		if (entry.from === 'function_call') {
			const parsed = parseJson(String(entry.value));
			const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
			const toolCalls = list.map((call) => ({ id: `call_${number++}`, ...(isObject(call) ? call : {}) }));
			calls = toolCalls.map((call) => call.id);
			messages.push({ role: 'assistant', content: '', toolCalls });
		} else if (entry.from === 'observation' || entry.from === 'tool') {
			messages.push({ role: 'tool', content: entry.value, toolCallId: calls.shift() });
		} else messages.push({ role: entry.from, content: entry.value });
	}
	return messages;
}

function checkConversations(value: unknown, last: ReadonlySet<string>): string[] {
	if (!Array.isArray(value) || value.length === 0) return ['conversations must be a list, not empty'];
	const problems: string[] = [];
	value.forEach((entry: unknown, position) => {
		const expected = position % 2 === 0 ? ASKS : SAYS;
		if (!isObject(entry) || typeof entry.from !== 'string' || typeof entry.value !== 'string') {
			problems.push(`conversations[${position}] needs from and value`);
		} else if (!expected.has(entry.from)) {
			problems.push(
				`conversations[${position}].from must be ${[...expected].join(' or ')}, not ${entry.from}`,
			);
		}
	});
	const end: unknown = value.at(-1);
	if (!isObject(end) || !last.has(String(end.from)))
		problems.push(`conversations must end with ${[...last].join(' or ')}`);
	return problems;
}

const TURN = { from: 'string', value: 'string' } as const;

export const shareGpt: Format = {
	name: 'sharegpt',
	title: 'ShareGPT',
	reference: 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#sharegpt-format',
	holds: ['system', 'turns', 'tools', 'toolCalls'],
	columns: { conversations: { list: TURN }, system: 'string', tools: 'string' },
	rows: (record) => {
		const answer = record.answers[0];
		if (answer === undefined) return 'noAnswer';
		const conversations = conversationOf(record, answer);
		return typeof conversations === 'string'
			? conversations
			: [{ conversations, ...systemOf(record), ...toolText(record) }];
	},
	read: (row) => ({ messages: readShareGpt(row.conversations, row.system), tools: row.tools }),
	validate: (row) =>
		isObject(row)
			? [
					...checkKeys(row, ['conversations', 'system', 'tools']),
					...checkConversations(row.conversations, SAYS),
					...checkTools(row.tools, 'tools'),
				]
			: NOT_AN_OBJECT,
};

function datasetInfo(ranking: boolean) {
	return (name: string, files: readonly { readonly split: string; readonly path: string }[]) => {
		const entries = files.map(({ split, path }) => [
			`${name}_${split}`,
			{
				file_name: path,
				formatting: 'sharegpt',
				...(ranking ? { ranking: true } : {}),
				columns: {
					messages: 'conversations',
					...(ranking ? { chosen: 'chosen', rejected: 'rejected' } : {}),
					system: 'system',
					tools: 'tools',
				},
				tags: {
					role_tag: 'from',
					content_tag: 'value',
					user_tag: 'human',
					assistant_tag: 'gpt',
					observation_tag: 'observation',
					function_tag: 'function_call',
					system_tag: 'system',
				},
			},
		]);
		return { 'dataset_info.json': `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n` };
	};
}

export const llamaFactorySft: Format = {
	...shareGpt,
	name: 'llamafactory-sft',
	title: 'LLaMA-Factory supervised (ShareGPT with dataset_info.json)',
	plainFiles: true,
	beside: datasetInfo(false),
};

export const llamaFactoryPreference: Format = {
	name: 'llamafactory-preference',
	title: 'LLaMA-Factory preference (ShareGPT with dataset_info.json)',
	reference: 'https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#preference-dataset-1',
	holds: ['system', 'turns', 'tools', 'toolCalls', 'furtherAnswers', 'labels'],
	columns: { conversations: { list: TURN }, chosen: TURN, rejected: TURN, system: 'string', tools: 'string' },
	plainFiles: true,
	beside: datasetInfo(true),
	rows: (record) => {
		const pairs = preferences(record);
		if (pairs.length === 0) return 'noPreference';
		const conversations = conversationOf(record, undefined);
		if (typeof conversations === 'string') return conversations;
		if (conversations.length % 2 === 0) return 'turnsDoNotAlternate';
		const rows = [];
		for (const pair of pairs) {
			const chosen = turn(messageOfAnswer(pair.chosen));
			const rejected = turn(messageOfAnswer(pair.rejected));
			if (typeof chosen === 'string') return chosen;
			if (typeof rejected === 'string') return rejected;
			rows.push({ conversations, chosen, rejected, ...systemOf(record), ...toolText(record) });
		}
		return rows;
	},
	read: (row) => {
		const answer = (entry: unknown, label: boolean) => {
			const [message] = readShareGpt([entry], undefined);
			return isObject(message) ? { ...message, label } : message;
		};
		return {
			messages: readShareGpt(row.conversations, row.system),
			answers: [answer(row.chosen, true), answer(row.rejected, false)],
			tools: row.tools,
		};
	},
	validate: (row) => {
		if (!isObject(row)) return NOT_AN_OBJECT;
		const side = (name: 'chosen' | 'rejected') => {
			const value = row[name];
			return isObject(value) && SAYS.has(String(value.from)) && typeof value.value === 'string'
				? []
				: [`${name} must be one turn of gpt or function_call`];
		};
		return [
			...checkKeys(row, ['conversations', 'chosen', 'rejected', 'system', 'tools']),
			...checkConversations(row.conversations, ASKS),
			...side('chosen'),
			...side('rejected'),
			...checkTools(row.tools, 'tools'),
		];
	},
};
