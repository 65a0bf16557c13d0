import { readFileSync } from 'node:fs';
import path from 'node:path';
import { QdrantStandIn } from '../../support/qdrant/server';
import { isObject, Refusal, type Json } from '../../support/qdrant/values';

interface Recording {
	readonly case: string;
	readonly request: {
		readonly method: string;
		readonly path: string;
		readonly body?: Json;
		readonly raw?: boolean;
	};
	readonly response: { readonly status: number; readonly body: Json };
	readonly volatile: readonly string[];
}

const folder = path.join(__dirname, '../../fixtures/qdrant');

/** What the back end never asks for, so that the stand-in need not know it: case numbers, and why. */
const left: Record<string, { skip: RegExp; why: string }> = {
	'04-retrieve-scroll-count': {
		skip: /-(003|004|005|006|007|026|03[0-6])-/,
		why: 'single points by path, order_by',
	},
	'05-scores': { skip: /-(f16|mv)|create-(f16|mv)|load-(f16|mv)/, why: 'half floats, multi-vectors' },
	'10-sparse': { skip: /^$/, why: '' },
	'12-filters-unindexed': {
		skip: /-(text-any|range-datetime|range-datetime-date|geo|bad-two-conditions|match-int-float-stored|range-string|min-should-0|prefix-1.19|slice-1.19)$/,
		why: 'full text, dates, places; 6.0 and 6, which JavaScript cannot tell apart; where the description of 1.19 and the server of 1.18 differ',
	},
	'16-vectors-points-delete': {
		skip: /vectors|has-vector|-015-info/,
		why: 'changing single vectors; details of the optimizer',
	},
	'17-aliases': { skip: /-009-/, why: 'defaults of a collection' },
	'21-strict-mode': {
		skip: /-(006-timeout|013-index-2)$/,
		why: 'the timeout of a request, which is in its address; the number of indexes',
	},
};

describe.each(Object.entries(left))('the stand-in for Qdrant answers %s', (sequence, { skip }) => {
	const recordings = readFileSync(path.join(folder, `${sequence}.jsonl`), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Recording);
	const kept = recordings.filter(({ case: name }) => !skip.test(name));
	const standIn = new QdrantStandIn();

	it.each(kept.map((recording) => [recording.case, recording] as const))(
		'as the real one did: %s',
		(_, { request, response, volatile }) => {
			const body =
				request.raw && typeof request.body === 'string'
					? (JSON.parse(request.body) as Json)
					: (request.body ?? undefined);
			let status = 200;
			let answer: Json;
			try {
				answer = {
					result: standIn.answer({ method: request.method, path: request.path.split('?')[0]!, body }),
					status: 'ok',
				};
			} catch (thrown) {
				if (!(thrown instanceof Refusal)) throw thrown;
				status = thrown.status;
				answer = { status: { error: thrown.message } };
			}
			expect(status).toBe(response.status);
			// Where its JSON parser refuses, the real server's words are its parser's own.
			if (
				JSON.stringify(response.body).includes('Format error in JSON body') ||
				JSON.stringify(response.body).includes('scroll_request.filter')
			)
				return;
			const unordered = volatile.some((pointer) => pointer.startsWith('/body/result'));
			const expected = comparable(response.body, unordered);
			expect(settle(comparable(answer, unordered), expected)).toEqual(expected);
		},
	);
});

/** The answer with each number that is as good as the expected one (to a millionth, as floats are printed) replaced by it. */
function settle(answer: Json, expected: Json | undefined): Json {
	if (typeof answer === 'number' && typeof expected === 'number') {
		return Math.abs(answer - expected) <= 1e-6 * Math.max(1, Math.abs(expected)) ? expected : answer;
	}
	if (Array.isArray(answer) && Array.isArray(expected))
		return answer.map((each, i) => settle(each, expected[i]));
	if (!isObject(answer) || !isObject(expected)) return answer;
	return Object.fromEntries(Object.entries(answer).map(([key, each]) => [key, settle(each, expected[key])]));
}

/** Without times, and lists with ties as sets of scores. */
function comparable(value: Json, unordered: boolean): Json {
	if (Array.isArray(value)) {
		const items = value.map((each) => comparable(each, unordered));
		if (!unordered || items.some((each) => isObject(each) && 'alias_name' in each)) return sortTies(items);
		return items.map((each) => (isObject(each) && 'score' in each ? { score: each.score ?? null } : each));
	}
	if (!isObject(value)) return value;
	const kept = Object.entries(value).filter(([key]) => key !== 'time' && key !== 'operation_id');
	return Object.fromEntries(kept.map(([key, each]) => [key, comparable(each, unordered)]));
}

/** Equal scores have no order of their own, nor have collections and aliases. */
function sortTies(items: Json[]): Json[] {
	const isNamed = (item: Json): boolean =>
		isObject(item) && ('alias_name' in item || Object.keys(item).join() === 'name');
	if (items.every(isNamed)) {
		return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
	}
	if (!items.every((item) => isObject(item) && typeof item.score === 'number')) return items;
	const score = (item: Json): number => (isObject(item) ? Number(item.score) : 0);
	return items
		.map((item, i) => ({ item, i }))
		.sort((a, b) => {
			if (score(a.item) !== score(b.item)) return a.i - b.i;
			return JSON.stringify(a.item) < JSON.stringify(b.item) ? -1 : 1;
		})
		.map(({ item }) => item);
}
