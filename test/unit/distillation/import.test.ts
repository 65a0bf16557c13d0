import {
	importFeedback,
	importLogs,
	type BadRow,
	type ExchangeRecord,
	type ImportOptions,
} from '../../../lib/distillation';

async function run(
	text: string,
	options?: ImportOptions,
): Promise<{ records: ExchangeRecord[]; bad: BadRow[] }> {
	const records: ExchangeRecord[] = [];
	const bad: BadRow[] = [];
	for await (const row of importLogs([Buffer.from(text)], options)) {
		if ('bad' in row) bad.push(row.bad);
		else records.push(row.value);
	}
	return { records, bad };
}

const one = async (line: unknown, options?: ImportOptions): Promise<ExchangeRecord> => {
	const { records, bad } = await run(JSON.stringify(line), options);
	expect(bad).toEqual([]);
	return records[0]!;
};

test('OpenAI training rows', async () => {
	const record = await one(
		{
			messages: [
				{ role: 'system', content: 'S' },
				{ role: 'user', content: 'Q' },
				{ role: 'assistant', content: 'A' },
			],
		},
		{ file: 'train.jsonl', defaults: { licence: 'mit' } },
	);
	expect(record).toMatchObject({
		answers: [{ content: 'A', finishReason: 'stop' }],
		licence: 'mit',
		lineage: { file: 'train.jsonl', line: 1 },
	});
	expect(record.messages).toHaveLength(2);
});

test('OpenAI call logs, with the headers left behind', async () => {
	const record = await one({
		request: {
			headers: { authorization: 'Bearer sk-aaaaaaaaaaaaaaaaaaaa' },
			body: { model: 'gpt-x', messages: [{ role: 'user', content: 'Q' }] },
		},
		response: {
			body: {
				id: 'chatcmpl-1',
				created: 1767225600,
				model: 'gpt-x-2026',
				choices: [
					{
						message: { role: 'assistant', content: 'A', tool_calls: null },
						finish_reason: 'length',
						logprobs: null,
					},
				],
				usage: { prompt_tokens: 5, completion_tokens: 1 },
			},
		},
	});
	expect(record).toMatchObject({
		id: 'chatcmpl-1',
		createdAt: '2026-01-01T00:00:00.000Z',
		model: 'gpt-x-2026',
		usage: { promptTokens: 5, completionTokens: 1 },
		answers: [{ content: 'A', finishReason: 'length' }],
	});
	expect(JSON.stringify(record)).not.toContain('sk-');
});

test('ShareGPT with a function call and its observation', async () => {
	const record = await one({
		id: 'c1',
		system: 'S',
		conversations: [
			{ from: 'human', value: 'Weather?' },
			{ from: 'function_call', value: '{"name":"w","arguments":{"city":"Bern"}}' },
			{ from: 'observation', value: '7' },
			{ from: 'gpt', value: 'Seven.' },
		],
	});
	expect(record.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool']);
	expect(record.messages[2]?.toolCalls).toEqual([{ id: 'call_0', name: 'w', arguments: '{"city":"Bern"}' }]);
	expect(record.messages[3]?.toolCallId).toBe('call_0');
	expect(record).toMatchObject({ conversation: 'c1', answers: [{ content: 'Seven.' }] });
});

test('LangSmith runs with serialised messages, and with plain texts', async () => {
	const record = await one({
		id: 'run-1',
		run_type: 'llm',
		name: 'ChatOllama',
		trace_id: 't1',
		start_time: '2026-01-01T00:00:00Z',
		end_time: '2026-01-01T00:00:01.500Z',
		extra: { metadata: { ls_model_name: 'llama3', thread_id: 'th1' } },
		inputs: {
			messages: [
				[
					{
						lc: 1,
						type: 'constructor',
						id: ['langchain_core', 'messages', 'HumanMessage'],
						kwargs: { content: 'Q' },
					},
				],
			],
		},
		outputs: {
			generations: [
				[
					{
						text: 'A',
						generation_info: { finish_reason: 'stop' },
						message: {
							lc: 1,
							id: ['langchain_core', 'messages', 'AIMessage'],
							kwargs: { content: 'A', tool_calls: [] },
						},
					},
				],
			],
		},
	});
	expect(record).toMatchObject({
		id: 'run-1',
		messages: [{ role: 'user', content: 'Q' }],
		answers: [{ content: 'A', finishReason: 'stop' }],
		model: 'llama3',
		conversation: 'th1',
		latencyMs: 1500,
		lineage: { execution: 't1', node: 'ChatOllama' },
	});
	expect(await one({ inputs: { question: 'Q2' }, outputs: { answer: 'A2' } })).toMatchObject({
		messages: [{ content: 'Q2' }],
		answers: [{ content: 'A2' }],
	});
});

test('Alpaca and TRL rows', async () => {
	expect(
		await one({ instruction: 'Translate', input: 'Hund', output: 'dog', history: [['a', 'b']] }),
	).toMatchObject({
		messages: [{ content: 'a' }, { content: 'b' }, { content: 'Translate\nHund' }],
		answers: [{ content: 'dog' }],
	});
	expect(await one({ prompt: 'Q', chosen: 'good', rejected: 'bad' })).toMatchObject({
		answers: [
			{ content: 'good', label: true },
			{ content: 'bad', label: false },
		],
	});
	expect(
		await one({
			prompt: [{ role: 'user', content: 'Q' }],
			completion: [{ role: 'assistant', content: 'A' }],
		}),
	).toMatchObject({ answers: [{ content: 'A' }] });
});

test('bad lines are reported by number and the good ones kept', async () => {
	const good = (number: number) =>
		JSON.stringify({
			messages: [
				{ role: 'user', content: `Q${number}` },
				{ role: 'assistant', content: 'A' },
			],
		});
	const text = [
		`\ufeff${good(1)}`,
		'{"messages": [',
		'',
		'[1,2]',
		good(5),
		'{"foo":1}',
		'{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}',
		`${good(8)}\r`,
		'{"inputs":{"question":"Q"},"error":"boom"}',
		'null',
	].join('\n');
	const { records, bad } = await run(text);
	expect(records.map((record) => record.messages[0]?.content)).toEqual(['Q1', 'Q5', 'Q8']);
	expect(records.map((record) => record.lineage.line)).toEqual([1, 5, 8]);
	expect(bad.map((row) => row.line)).toEqual([2, 4, 6, 7, 9, 10]);
	expect(bad[0]?.reason).toContain('not valid JSON');
	expect(bad[2]?.reason).toContain('none of the known formats');
	expect(bad[3]?.reason).toContain('image_url');
	expect(bad[4]?.reason).toContain('error');
});

test('feedback lines', async () => {
	const rows = [];
	for await (const row of importFeedback(['{"record":"r1","thumb":"up"}\n{"record":"r1"}\n'])) rows.push(row);
	expect(rows).toMatchObject([{ value: { record: 'r1', thumb: 'up' } }, { bad: { line: 2 } }]);
});

test('exchanges of the gateway become records; calls without an answer are refused with the reason', async () => {
	const exchange = {
		id: 'chatcmpl-7',
		route: 'chat',
		key: 'crm',
		startedAt: '2026-01-01T00:00:00.000Z',
		ms: 120,
		status: 200,
		engine: 'gpu1',
		model: 'llama3',
		usage: { promptTokens: 9, completionTokens: 2 },
		chat: {
			request: { messages: [{ role: 'user', content: 'Q' }] },
			answer: { text: 'A', reasoning: '', toolCalls: [], finishReason: 'stop' },
		},
	};
	const record = await one(exchange);
	expect(record).toMatchObject({
		id: 'chatcmpl-7',
		engine: 'gpu1',
		model: 'llama3',
		latencyMs: 120,
		labels: { caller: 'crm' },
	});
	expect(record.answers).toEqual([{ content: 'A', finishReason: 'stop' }]);
	const { bad } = await run(
		[
			{ ...exchange, route: 'embeddings', chat: undefined },
			{ ...exchange, chat: { request: exchange.chat.request } },
		]
			.map((row) => JSON.stringify(row))
			.join('\n'),
	);
	expect(bad.map((row) => row.reason)).toEqual([
		expect.stringContaining('no chat'),
		expect.stringContaining('no answer'),
	]);
});

test('a question and an answer of one’s own keep both, under a prompt as under messages', async () => {
	const answers = [{ content: 'A', finishReason: 'stop' }];
	expect(await one({ id: 'x', prompt: 'Q', answer: 'A' })).toMatchObject({ id: 'x', answers });
	expect(await one({ messages: [{ role: 'user', content: 'Q' }], answer: 'A' })).toMatchObject({ answers });
	expect(await one({ prompt: [{ role: 'user', content: 'Q' }] })).toMatchObject({ answers: [] });
});

test('a line has the same id whichever execution imports it, two equal lines have two', async () => {
	const line = '{"prompt":"Q","answer":"A"}';
	const ids = async (execution: string) =>
		(await run(`${line}\n${line}`, { file: 'log.jsonl', defaults: { lineage: { execution } } })).records.map(
			({ id }) => id,
		);
	const first = await ids('1');
	expect(new Set(first).size).toBe(2);
	expect(await ids('2')).toEqual(first);
});
