import {
	applyFeedback,
	DistillationError,
	preferences,
	toFeedback,
	toRecord,
} from '../../../lib/distillation';

function kindOf(work: () => unknown): string {
	try {
		work();
	} catch (thrown) {
		if (thrown instanceof DistillationError) return `${thrown.kind}: ${thrown.message}`;
		throw thrown;
	}
	return 'nothing was thrown';
}

describe('toRecord', () => {
	test('cuts a conversation that ends with the assistant into prompt and answer', () => {
		const record = toRecord({
			messages: [
				{ role: 'developer', content: 'Be brief.' },
				{ role: 'user', content: [{ type: 'text', text: 'Hi' }] },
				{ role: 'assistant', content: 'Hello' },
			],
			finish_reason: 'max_tokens',
		});
		expect(record.messages).toEqual([
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: 'Hi' },
		]);
		expect(record.answers).toEqual([{ content: 'Hello', finishReason: 'length' }]);
		expect(record.lineage.promptHash).toHaveLength(64);
	});

	test('the same exchange of the same execution has the same id, another item another one', () => {
		const make = (item: number) =>
			toRecord({ prompt: 'Q', answer: 'A', lineage: { execution: '7', node: 'Chat', item } }).id;
		expect(make(1)).toBe(make(1));
		expect(make(1)).not.toBe(make(2));
	});

	test('a secret in a header, a credential or a text never reaches the record', () => {
		const key = 'sk-live-0123456789abcdefghij';
		const record = toRecord(
			{
				id: 'r1',
				headers: { authorization: `Bearer ${key}` },
				apiKey: key,
				messages: [
					{ role: 'user', content: `curl -H "Authorization: Bearer ${key}" https://u:hunter22@example.org/` },
					{
						role: 'assistant',
						content: null,
						tool_calls: [{ id: 'c', function: { name: 'call', arguments: `{"x-api-key":"${key}"}` } }],
					},
					{ role: 'tool', tool_call_id: 'c', content: 'my-own-passphrase and AKIAIOSFODNN7EXAMPLE' },
				],
				answer: {
					content: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
					logprobs: [{ token: 'eyJ', logprob: -1 }],
				},
				labels: { token: 'fine', password: key, 'x-api-key': key },
				lineage: { workflow: `w ${key}` },
			},
			{ secrets: ['my-own-passphrase'] },
		);
		const written = JSON.stringify(record);
		for (const secret of [
			key,
			'hunter22',
			'my-own-passphrase',
			'AKIAIOSFODNN7EXAMPLE',
			'eyJ',
			'headers',
			'apiKey',
		]) {
			expect(written).not.toContain(secret);
		}
		expect(record.messages[0]?.content).toBe(
			'curl -H "Authorization: [secret]" https://u:[secret]@example.org/',
		);
		expect(record.messages[1]?.toolCalls?.[0]?.arguments).toBe('{"x-api-key":"[secret]"}');
		expect(record.answers[0]?.logprobs).toBeUndefined();
		expect(record.labels).toEqual({ token: 'fine' });
	});

	test('code that talks about keys is left alone', () => {
		const content = 'interface Options { apiKey: string; authToken: Secret } // skip sk-learn, "basic auth"';
		expect(toRecord({ prompt: content, answer: 'ok' }).messages[0]?.content).toBe(content);
	});

	test('keeps log probabilities with the mass that the alternatives leave out', () => {
		const record = toRecord({
			prompt: 'Q',
			answer: {
				content: 'A',
				logprobs: {
					content: [
						{
							token: 'A',
							logprob: Math.log(0.6),
							top_logprobs: [
								{ token: 'A', logprob: Math.log(0.6) },
								{ token: 'B', logprob: Math.log(0.3) },
							],
						},
					],
				},
			},
		});
		expect(record.answers[0]?.logprobs).toMatchObject({ k: 2 });
		expect(record.answers[0]?.logprobs?.tailMass).toBeCloseTo(0.1, 6);
	});

	test.each([
		[42, 'the record is not an object'],
		[{}, 'there are no messages'],
		[{ messages: [] }, 'there are no messages'],
		[{ messages: [{ role: 'wizard', content: '' }] }, 'wizard'],
		[{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, 'image_url'],
		[{ prompt: 'Q', answer: 7 }, 'neither text nor an object'],
		[{ prompt: 'Q', answer: 'A', id: 'a\u0000b' }, 'control characters'],
		[{ prompt: 'Q', answer: 'A', tools: [{}] }, 'a tool has no name'],
	])('refuses %j and says why', (input, reason) => {
		expect(kindOf(() => toRecord(input))).toMatch(/^invalidRecord: /);
		expect(kindOf(() => toRecord(input))).toContain(reason);
	});
});

describe('feedback', () => {
	const record = toRecord({ id: 'r1', prompt: 'Capital of Australia?', answer: 'Sydney' });

	test('a correction becomes the answer to learn from and makes a preference pair', () => {
		const joined = applyFeedback(record, [
			toFeedback({ record: 'r1', correction: 'Canberra', at: '2026-01-02T00:00:00Z' }),
			toFeedback({ record: 'r1', thumb: 'up', score: 0.4, at: '2026-01-01T00:00:00Z' }),
			toFeedback({ record: 'r1', score: 0.2, labels: { topic: 'geo' } }),
		]);
		expect(joined.answers[0]).toMatchObject({ content: 'Canberra', author: 'human', label: true });
		expect(joined.answers[1]).toMatchObject({ content: 'Sydney', label: false });
		expect(joined.scores?.feedback).toBeCloseTo(0.3);
		expect(joined.labels).toEqual({ topic: 'geo' });
		expect(preferences(joined).map((pair) => [pair.chosen.content, pair.rejected.content])).toEqual([
			['Canberra', 'Sydney'],
		]);
	});

	test('scored samples give pairs of the best with those that are clearly worse', () => {
		const sampled = toRecord({
			prompt: 'Q',
			answers: [
				{ content: 'b', score: 0.5 },
				{ content: 'a', score: 0.9 },
				{ content: 'a2', score: 0.85 },
			],
		});
		expect(preferences(sampled).map((pair) => pair.chosen.content + '>' + pair.rejected.content)).toEqual([
			'a>b',
		]);
	});

	test('the same feedback has the same id, so that sending it twice counts once', () => {
		expect(toFeedback({ record: 'r1', thumb: 'up' }).id).toBe(toFeedback({ record: 'r1', thumb: 'up' }).id);
	});

	test.each([
		[{ thumb: 'up' }, 'names no record'],
		[{ record: 'r1' }, 'says nothing'],
		[{ record: 'r1', score: 5 }, 'between 0 and 1'],
	])('refuses %j and says why', (input, reason) => expect(kindOf(() => toFeedback(input))).toContain(reason));
});
