import { completeQuestion, type CompleteQuestion, type Turn } from '../../../lib/answering';
import { RecentMap } from '../../../lib/support';
import { workflowScopeOf } from './cacheScope';
import { enginesFor, hasEngineCredential } from './engines';
import type { NodeItem } from './nodeItem';
import type { Run } from './run';
import { isNothing, valueAt } from './values';

/** Turns of a conversation that are kept, and characters of each text. */
const MOST_TURNS = 6;
const MOST_CHARACTERS = 2_000;
const MOST_BYTES = 8 * 2 ** 20;

const sizeOf = (turns: readonly Turn[]): number =>
	turns.reduce(
		(sum, { question, asked = '', answer = '' }) =>
			sum + 2 * (question.length + asked.length + answer.length) + 100,
		200,
	);

/** Conversations of this process; the one that was not continued for the longest is forgotten first. */
const conversations = new RecentMap<readonly Turn[]>(MOST_BYTES, sizeOf);

/** The question of an item, made whole from its conversation where the node was told of one. */
export async function wholeQuestion(run: Run, item: NodeItem, question: string): Promise<CompleteQuestion> {
	const key = keyOf(item);
	const given = earlierMessages(item);
	const turns = given ?? (key === undefined ? [] : (conversations.get(key) ?? []));
	// Search made it whole already, and Answer is told of the same conversation.
	if (turns.at(-1)?.question === question) return { question };
	if (!given && key !== undefined && item.context.getMode() === 'integrated') {
		run.hint(
			'In a sub-workflow, a conversation is remembered until the execution ends. Give the earlier messages with "Earlier Messages Field", or ask in the main workflow.',
			'info',
		);
	}
	const whole = await completed(run, item, question, turns);
	if (key !== undefined)
		remember(key, [...turns, { question: shorter(whole.question), asked: shorter(question) }]);
	return whole;
}

/** Adds what was answered, which a follow-up may refer to. */
export function rememberAnswer(item: NodeItem, question: string, answer: string): void {
	const key = keyOf(item);
	if (key === undefined) return;
	const turns = conversations.get(key) ?? [];
	const last = turns.at(-1);
	if (last?.question !== shorter(question)) return;
	remember(key, [...turns.slice(0, -1), { ...last, answer: shorter(answer) }]);
}

async function completed(
	run: Run,
	item: NodeItem,
	question: string,
	turns: readonly Turn[],
): Promise<CompleteQuestion> {
	if (turns.length === 0 || !hasEngineCredential(item.context))
		return await completeQuestion(question, turns);
	return await completeQuestion(question, turns, {
		engines: await enginesFor(item.context, item.index),
		call: {
			signal: item.signal,
			allowRemote: item.hasField('options.allowRemote') && item.flag('options.allowRemote'),
		},
		onFailure: ({ message }) =>
			run.hint(
				`No engine could complete the question, so words of the question before were carried over. ${message}`,
			),
	});
}

const remember = (key: string, turns: readonly Turn[]): void =>
	conversations.set(key, turns.slice(-MOST_TURNS));

const shorter = (text: string): string => text.slice(0, MOST_CHARACTERS);

/** One of another workflow is another conversation, whatever its name. */
function keyOf(item: NodeItem): string | undefined {
	if (!item.isSet('options.conversationField')) return undefined;
	const id = item.optionalPointedName('options.conversationField');
	if (id === undefined) return undefined;
	return JSON.stringify([workflowScopeOf(item.context), id]);
}

/** Messages as n8n's memory gives them ({ human, ai }), or as chat APIs do ({ role, content }). */
function earlierMessages(item: NodeItem): Turn[] | undefined {
	if (!item.isSet('options.earlierMessagesField')) return undefined;
	const messages = item.pointed('options.earlierMessagesField');
	if (!Array.isArray(messages)) return undefined;
	const turns: Turn[] = [];
	for (const message of messages.slice(-2 * MOST_TURNS)) {
		if (typeof message !== 'object' || message === null) continue;
		const text = (name: string): string | undefined => {
			const value = valueAt(message, name);
			return typeof value === 'string' && !isNothing(value) ? shorter(value) : undefined;
		};
		const isUser = /^(?:user|human)$/.test(text('role') ?? text('type') ?? '');
		const question = text('human') ?? (isUser ? text('content') : undefined);
		const answer = text('ai') ?? (isUser ? undefined : text('content'));
		if (question !== undefined) turns.push({ question, ...(answer !== undefined && { answer }) });
		else if (answer !== undefined && turns.length > 0)
			turns.push({ question: turns.pop()?.question ?? '', answer });
	}
	return turns;
}
