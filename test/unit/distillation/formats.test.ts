import {
	countExchange,
	FORMATS,
	featuresOf,
	formatNamed,
	renderChatMl,
	toRecord,
	type ExchangeRecord,
	type Format,
	type Row,
} from '../../../lib/distillation';

const tools = [
	{
		name: 'weather',
		description: 'Weather of a city',
		parameters: { type: 'object', properties: { city: { type: 'string' } } },
	},
];
const toolTurns = [
	{ role: 'system', content: 'Be brief.' },
	{ role: 'user', content: 'Weather in Bern?' },
	{
		role: 'assistant',
		content: '',
		toolCalls: [{ id: 'call_0', name: 'weather', arguments: '{"city":"Bern"}' }],
	},
	{ role: 'tool', content: '{"degrees":7}', toolCallId: 'call_0' },
];

const RECORDS: { readonly [name: string]: ExchangeRecord } = {
	plain: toRecord({ id: 'plain', prompt: 'What is “1 + 1”?', answer: 'Two.\n\u2028 "2" 漢字' }),
	chat: toRecord({
		id: 'chat',
		messages: [
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: 'Hi' },
			{ role: 'assistant', content: 'Hello' },
			{ role: 'user', content: 'Capital of Australia?' },
		],
		answers: [
			{ content: 'Canberra', author: 'human', label: true },
			{ content: 'Sydney', label: false },
		],
	}),
	tools: toRecord({
		id: 'tools',
		messages: toolTurns,
		tools,
		answer: 'Seven degrees.',
		parallelToolCalls: false,
	}),
	call: toRecord({
		id: 'call',
		messages: toolTurns.slice(0, 2),
		tools,
		answer: { content: '', toolCalls: [{ id: 'call_0', name: 'weather', arguments: '{"city":"Bern"}' }] },
	}),
	thinking: toRecord({ id: 'thinking', prompt: 'Q', answer: { content: 'A', reasoning: 'because' } }),
	steps: toRecord({
		id: 'steps',
		prompt: '2 + 3 · 4?',
		answers: [],
		steps: [
			{ text: '3 · 4 = 12', correct: true },
			{ text: '2 + 12 = 15', correct: false },
		],
	}),
	white: toRecord({
		id: 'white',
		prompt: 'Say hi',
		answer: {
			content: 'hi',
			logprobs: {
				positions: [
					{
						token: 'hi',
						id: 7,
						logprob: -0.1,
						top: [
							{ token: 'hi', id: 7, logprob: -0.1 },
							{ token: 'yo', id: 9, logprob: -3 },
						],
					},
				],
				tokenizer: 'abc',
				vocabularySize: 32000,
				temperature: 1,
			},
		},
	}),
};

/** What `format` says it keeps of a record, as messages, tools and answers. */
function content(record: ExchangeRecord, format: Format): unknown {
	const holds = new Set(format.holds);
	const message = (entry: ExchangeRecord['messages'][number]) => ({
		role: entry.role,
		content: entry.content,
		...(holds.has('reasoning') && entry.reasoning !== undefined ? { reasoning: entry.reasoning } : {}),
		...(entry.toolCalls === undefined
			? {}
			: { toolCalls: entry.toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })) }),
	});
	const steps = holds.has('steps') ? record.steps : undefined;
	return {
		messages: record.messages.filter((entry) => holds.has('system') || entry.role !== 'system').map(message),
		...(holds.has('tools') && record.tools !== undefined ? { tools: record.tools } : {}),
		...(steps === undefined ? {} : { steps }),
		answers: (holds.has('furtherAnswers') ? record.answers : record.answers.slice(0, 1)).map((answer) => ({
			...message({ role: 'assistant', ...answer }),
			...(holds.has('labels') && answer.label !== undefined ? { label: answer.label } : {}),
			...(holds.has('logprobs') && answer.logprobs !== undefined
				? {
						logprobs: answer.logprobs.positions.map((position) =>
							position.top?.map((token) => token.id ?? token.token),
						),
					}
				: {}),
		})),
	};
}

const pairs = FORMATS.flatMap((format) =>
	Object.entries(RECORDS).map(([name, record]) => [format.name, name, format, record] as const),
);

describe.each(FORMATS.map((format) => [format.name, format] as const))('%s', (_name, format) => {
	test('takes at least one of the records', () => {
		expect(Object.values(RECORDS).some((record) => typeof format.rows(record) !== 'string')).toBe(true);
	});
});

test.each(pairs)(
	'%s: record "%s" comes back as it went in, or is skipped with a reason',
	(name, _record, format, record) => {
		const rows = format.rows(record);
		if (typeof rows === 'string') {
			expect(rows).toMatch(/^[a-z][A-Za-z]+$/);
			return;
		}
		expect(rows.length).toBeGreaterThan(0);
		for (const row of rows) {
			expect(format.validate(row)).toEqual([]);
			// Through text, as in a file.
			const written = JSON.parse(JSON.stringify(row)) as Row;
			expect(written).toEqual(row);
			const back = toRecord(format.read(written));
			const again = format.rows(back);
			if (name === 'trl-unpaired') {
				expect(again).toEqual([row]);
				continue;
			}
			expect(again).toEqual(rows);
			if (format.name !== 'trl-prompt') expect(content(back, format)).toEqual(content(record, format));
			else
				expect(back.messages.map((message) => message.content)).toEqual(
					record.messages.map((message) => message.content),
				);
		}
	},
);

test('features name what a format may lose', () => {
	expect([...featuresOf(RECORDS.chat!)].sort()).toEqual(['furtherAnswers', 'labels', 'system', 'turns']);
	expect([...featuresOf(RECORDS.white!)]).toEqual(['logprobs']);
	expect([...featuresOf(RECORDS.thinking!)]).toEqual(['reasoning']);
});

test.each([
	['bedrock', 'tools', 'toolCalls'],
	['bedrock', 'steps', 'noAnswer'],
	['alpaca', 'call', 'toolCalls'],
	['trl-preference', 'plain', 'noPreference'],
	['trl-unpaired', 'plain', 'noLabel'],
	['trl-stepwise', 'plain', 'noSteps'],
	['axolotl-logprobs', 'plain', 'noLogprobs'],
	['sharegpt', 'steps', 'noAnswer'],
])('%s has no row for "%s": %s', (name, record, reason) => {
	expect(formatNamed(name).rows(RECORDS[record]!)).toBe(reason);
});

describe('validators find what the documentation forbids', () => {
	const user = { role: 'user', content: 'Q' };
	const assistant = { role: 'assistant', content: 'A' };
	test.each<[string, unknown, string]>([
		['trl-messages', 'text', 'must be an object'],
		['trl-messages', { messages: [] }, 'not empty'],
		['trl-messages', { messages: [user] }, 'end with an assistant message'],
		['trl-messages', { messages: [user, assistant], text: 'x' }, '"text" is not a field'],
		['trl-messages', { messages: [{ role: 'robot', content: 'x' }, assistant] }, 'role is unknown'],
		['trl-messages', { messages: [user, { role: 'assistant', content: '' }] }, 'empty assistant message'],
		['trl-prompt-completion', { prompt: [user], completion: [user] }, 'end with an assistant'],
		['trl-prompt', { prompt: [user, assistant] }, 'must not end with the assistant'],
		['trl-preference', { prompt: [user], chosen: [assistant], rejected: [assistant] }, 'the same'],
		['trl-unpaired', { prompt: [user], completion: [assistant], label: 1 }, 'true or false'],
		['trl-stepwise', { prompt: 'Q', completions: ['a', 'b'], labels: [true] }, 'for each completion'],
		[
			'openai-sft',
			{
				messages: [
					user,
					{ role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{' } }] },
				],
			},
			'not a JSON object',
		],
		['openai-sft', { messages: [{ role: 'tool', content: 'x' }, assistant] }, 'tool_call_id is missing'],
		[
			'openai-sft',
			{ messages: [user, assistant], tools: [{ function: { name: 'f' } }] },
			'function.parameters',
		],
		['openai-sft', { messages: [user, assistant], parallel_tool_calls: 'no' }, 'parallel_tool_calls'],
		[
			'openai-dpo',
			{ input: { messages: [user] }, preferred_output: [assistant], non_preferred_output: [] },
			'non_preferred_output',
		],
		['bedrock', { schemaVersion: 'v1', messages: [] }, 'schemaVersion must be'],
		[
			'bedrock',
			{
				schemaVersion: 'bedrock-conversation-2024',
				messages: [
					{ role: 'assistant', content: [{ text: 'x' }] },
					{ role: 'user', content: [{ text: 'x' }] },
				],
			},
			'role must be user',
		],
		[
			'bedrock',
			{
				schemaVersion: 'bedrock-conversation-2024',
				messages: [
					{ role: 'user', content: 'Q' },
					{ role: 'assistant', content: [{ text: 'A' }] },
				],
			},
			'list of { text }',
		],
		['alpaca', { instruction: 'Q', output: '' }, 'output must be text'],
		['alpaca', { instruction: 'Q', output: 'A', history: [['one']] }, '[question, answer]'],
		['sharegpt', { conversations: [{ from: 'gpt', value: 'A' }] }, 'must be human or observation'],
		['sharegpt', { conversations: [{ from: 'human', value: 'Q' }] }, 'end with gpt'],
		[
			'llamafactory-preference',
			{
				conversations: [{ from: 'human', value: 'Q' }],
				chosen: { from: 'human', value: 'x' },
				rejected: { from: 'gpt', value: 'y' },
			},
			'chosen must be',
		],
		[
			'axolotl-logprobs',
			{ messages: [user, assistant], logprobs: [[{ token: 'a', logprob: 2 }]] },
			'logprob ≤ 0',
		],
	])('%s', (name, row, problem) => {
		expect(formatNamed(name).validate(row).join('; ')).toContain(problem);
	});
});

test('a line that a format writes directly is the JSON of its row', () => {
	const direct = FORMATS.flatMap((format) =>
		Object.values(RECORDS).flatMap((record) => {
			const line = format.line?.(record);
			return line === undefined ? [] : [{ line, rows: format.rows(record) }];
		}),
	);
	expect(direct.length).toBeGreaterThanOrEqual(4);
	for (const { line, rows } of direct) expect(`[${line}]`).toBe(JSON.stringify(rows));
});

test('the estimated tokens are a quarter of the bytes of the exchange in ChatML', () => {
	for (const record of Object.values(RECORDS)) {
		const [answer] = record.answers;
		const { content = '', reasoning, toolCalls } = answer ?? {};
		const turns = [...record.messages, { role: 'assistant' as const, content, reasoning, toolCalls }];
		const text = renderChatMl(answer === undefined ? record.messages : turns, record.tools);
		expect(countExchange(record, answer)).toBe(Math.ceil(Buffer.byteLength(text) / 4));
	}
});
