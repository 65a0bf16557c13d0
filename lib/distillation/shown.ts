import type { RejectedRecord, Funnel } from './curate/types';
import type { ExchangeRecord } from './types';

/** What was asked: the last message of the user, or the last one there is. */
export const questionIn = ({ messages }: ExchangeRecord): string =>
	(messages.findLast(({ role }) => role === 'user') ?? messages.at(-1))?.content ?? '';

/** What was answered, calls of tools as JSON; empty without an answer. */
export function answerIn({ answers: [answer] }: ExchangeRecord): string {
	if (!answer) return '';
	const calls = answer.toolCalls ?? [];
	return calls.length === 0 ? answer.content : `${answer.content}${JSON.stringify(calls)}`;
}

/** Examples of each reason: enough to see what a gate does, few enough to read. */
const EXAMPLES = 10;
/** Of all reasons together. */
const MOST_EXAMPLES = 200;

/** The first rejected records of each gate and reason; reads no further than it has to. */
export async function rejectedExamples(
	{ gates }: Funnel,
	rejected: AsyncIterable<RejectedRecord>,
	each = EXAMPLES,
): Promise<RejectedRecord[]> {
	const left = new Map<string, number>();
	let wanted = 0;
	for (const { gate, reasons } of gates) {
		for (const [reason, count] of Object.entries(reasons)) {
			const examples = Math.min(count, each);
			left.set(`${gate} ${reason}`, examples);
			wanted += examples;
		}
	}
	const examples: RejectedRecord[] = [];
	if (wanted === 0) return examples;
	for await (const row of rejected) {
		const key = `${row.gate} ${row.reason}`;
		const open = left.get(key) ?? 0;
		if (open === 0) continue;
		left.set(key, open - 1);
		examples.push(row);
		if (examples.length === Math.min(wanted, MOST_EXAMPLES)) break;
	}
	return examples;
}
