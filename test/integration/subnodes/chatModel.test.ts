// The Local Engine Chat Model under n8n's own AI nodes, in a real n8n, with engines that do what a test says.
import { createServer } from 'node:net';
import { langchain, lastRun, named, webhook } from '../../support/canvas';
import { sharedHost, type N8nClient } from '../../support/n8n';
import { chunkOf, type ScriptedEngine, until } from '../gateway/support';
import {
	callDeltas,
	chatModel,
	type ChatBody,
	credentialFor,
	end,
	publishFlow,
	say,
	startChatEngine,
	textDeltas,
} from './chatModelSupport';

jest.setTimeout(120_000);

let client: N8nClient;
const engines: ScriptedEngine[] = [];

beforeAll(async () => {
	({ client } = await sharedHost());
});
afterEach(async () => {
	await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});

async function engineThat(answer: Parameters<typeof startChatEngine>[0]) {
	const engine = await startChatEngine(answer);
	engines.push(engine);
	return engine;
}

/** An address where nobody answers. */
async function nobody(): Promise<string> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

const chain = (text = '={{ $json.body.question }}') => ({
	type: langchain('chainLlm'),
	typeVersion: 1.9,
	parameters: { promptType: 'define', text, batching: {} },
});

describe('Basic LLM Chain', () => {
	test('answers; the run panel shows the prompt, the answer, its tokens and who gave it', async () => {
		const engine = await engineThat((_body, response) =>
			say(response, [{ reasoning_content: 'Easy.' }, ...textDeltas('Paris, of course.')]),
		);
		const path = 'chat-chain';
		const id = await publishFlow(
			client,
			path,
			{
				In: webhook(path),
				Chain: chain(),
				Model: chatModel({ options: { temperature: 0.3, maxTokens: 50 } }),
			},
			await credentialFor(client, path, [engine.url]),
		);
		const answer = await client.webhook(path, { question: 'Capital of France?' });
		expect(answer.json).toEqual([{ text: 'Paris, of course.' }]);
		expect(engine.asked[0]).toMatchObject({
			messages: [{ role: 'user', content: 'Capital of France?' }],
			temperature: 0.3,
			max_tokens: 50,
		});
		const [run] = (await lastRun(client, id)).Model ?? [];
		expect(run?.inputOverride?.ai_languageModel?.[0]?.[0]?.json).toMatchObject({
			messages: ['Human: Capital of France?'],
			options: { temperature: 0.3, maxTokens: 50 },
		});
		expect(run?.data?.ai_languageModel?.[0]?.[0]?.json).toMatchObject({
			response: { generations: [[{ text: 'Paris, of course.', generationInfo: { finish_reason: 'stop' } }]] },
			tokenUsage: { promptTokens: 21, completionTokens: 8, totalTokens: 29 },
			reasoning: 'Easy.',
			model: 'scripted',
			attempts: [{ outcome: 'ok' }],
		});
	});

	test('gives parsed JSON when the model is set to JSON, and tells the engine so', async () => {
		const engine = await engineThat((_body, response) => say(response, textDeltas('{"capital":"Paris"}')));
		const path = 'chat-json';
		await publishFlow(
			client,
			path,
			{ In: webhook(path), Chain: chain(), Model: chatModel({ responseFormat: 'json' }) },
			await credentialFor(client, path, [engine.url]),
		);
		expect((await client.webhook(path, { question: 'Which?' })).json).toEqual([{ capital: 'Paris' }]);
		expect(engine.asked[0]?.response_format).toEqual({ type: 'json_object' });
	});

	test('when the first engine is gone the next one answers, and the panel says which failed and why', async () => {
		const engine = await engineThat((_body, response) => say(response, textDeltas('Still here.')));
		const gone = await nobody();
		const path = 'chat-failover';
		const id = await publishFlow(
			client,
			path,
			{ In: webhook(path), Chain: chain(), Model: chatModel() },
			await credentialFor(client, path, [gone, engine.url]),
		);
		expect((await client.webhook(path, { question: 'Anyone?' })).json).toEqual([{ text: 'Still here.' }]);
		const [run] = (await lastRun(client, id)).Model ?? [];
		expect(run?.data?.ai_languageModel?.[0]?.[0]?.json).toMatchObject({
			engine: new URL(engine.url).host,
			attempts: [
				{ engine: new URL(gone).host, outcome: 'unreachable' },
				{ engine: new URL(engine.url).host, outcome: 'ok' },
			],
		});
	});

	test('an engine that dies in the middle of an answer is replaced, and the answer is whole', async () => {
		const dying = await engineThat((_body, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(chunkOf({ content: 'I was about to' }));
			setTimeout(() => response.destroy(), 20);
		});
		const engine = await engineThat((_body, response) => say(response, textDeltas('The whole answer.')));
		const path = 'chat-dies';
		await publishFlow(
			client,
			path,
			{ In: webhook(path), Chain: chain(), Model: chatModel() },
			await credentialFor(client, path, [dying.url, engine.url]),
		);
		expect((await client.webhook(path, { question: 'Well?' })).json).toEqual([{ text: 'The whole answer.' }]);
		expect(dying.asked).toHaveLength(1);
	});

	test('what the engine says is in the error of the model’s own run', async () => {
		const engine = await engineThat((_body, response) => {
			response.writeHead(404, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ error: { message: 'The weights of `scripted` are gone.' } }));
		});
		const path = 'chat-error';
		const id = await publishFlow(
			client,
			path,
			{
				In: webhook(path),
				Chain: chain(),
				Model: chatModel({ model: named('scripted') }),
			},
			await credentialFor(client, path, [engine.url]),
		);
		expect((await client.webhook(path, { question: 'Hello?' })).status).toBe(500);
		const data = await lastRun(client, id);
		for (const node of ['Model', 'Chain']) {
			const { message, description } = data[node]?.[0]?.error ?? {};
			// Once, in the headline or below it.
			expect(`${message}\n${description}`.split('The weights of `scripted` are gone.')).toHaveLength(2);
		}
	});

	test('without an engine it says what is missing', async () => {
		const path = 'chat-none';
		const id = await publishFlow(client, path, {
			In: webhook(path),
			Chain: chain(),
			Model: chatModel(),
		});
		expect((await client.webhook(path, { question: 'Hello?' })).status).toBe(500);
		const [run] = (await lastRun(client, id)).Model ?? [];
		expect(run?.error?.message).toMatch(/Local Engine API/);
	});
});

describe('Information Extractor', () => {
	const extractor = {
		type: langchain('informationExtractor'),
		typeVersion: 1.2,
		parameters: {
			text: '={{ $json.body.text }}',
			schemaType: 'fromAttributes',
			attributes: {
				attributes: [
					{ name: 'number', type: 'string', description: 'Invoice number', required: true },
					{ name: 'total', type: 'number', description: 'Total', required: true },
				],
			},
			options: {},
		},
	};

	test('reads the data out of a text', async () => {
		const engine = await engineThat((_body, response) =>
			say(response, textDeltas('{"number":"A-17","total":119.5}')),
		);
		const path = 'chat-extract';
		await publishFlow(
			client,
			path,
			{ In: webhook(path), Extract: extractor, Model: chatModel({ responseFormat: 'json' }) },
			await credentialFor(client, path, [engine.url]),
		);
		const answer = await client.webhook(path, { text: 'Invoice A-17 over 119.50' });
		expect(answer.json).toEqual([{ output: { number: 'A-17', total: 119.5 } }]);
		expect(engine.asked[0]?.response_format).toEqual({ type: 'json_object' });
	});

	test('an execution that is cancelled ends the request on the engine', async () => {
		const engine = await engineThat((_body, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(chunkOf({ content: 'One moment' }));
		});
		const path = 'chat-cancel';
		const id = await publishFlow(
			client,
			path,
			{ In: webhook(path), Extract: extractor, Model: chatModel() },
			await credentialFor(client, path, [engine.url]),
		);
		const call = client.webhook(path, { text: 'Invoice A-17' }).catch(() => undefined);
		await until(() => engine.open() === 1);
		const [running] = await client.executions(id);
		await client.rest('POST', `/executions/${running.id}/stop`);
		await until(() => engine.open() === 0);
		await call;
	});
});

describe('AI Agent', () => {
	const agent = (text?: string, typeVersion = 3.1) => ({
		type: langchain('agent'),
		typeVersion,
		parameters: {
			...(text && { promptType: 'define', text }),
			options: { systemMessage: 'You are good with numbers.', maxIterations: 5 },
		},
	});
	const calculator = {
		type: langchain('toolCalculator'),
		typeVersion: 1,
		parameters: {},
	};
	const lastOf = (body: ChatBody) => body.messages.at(-1);

	/** Two steps with the calculator, then the answer; the engine numbers its calls anew in each answer. */
	const calculating: Parameters<typeof startChatEngine>[0] = (body, response) => {
		const results = body.messages.filter(({ role }) => role === 'tool').length;
		if (results === 0) {
			say(
				response,
				[{ reasoning_content: 'First the sum, ' }, { reasoning_content: 'then the product.' }].concat(
					callDeltas('Calculator', { input: '17+25' }) as never,
				),
				'tool_calls',
			);
		} else if (results === 1) say(response, callDeltas('Calculator', { input: '42*3' }), 'tool_calls');
		else say(response, textDeltas(`The result is ${JSON.stringify(lastOf(body)?.content)}.`));
	};

	// Up to 2.2 LangChain runs the tools; since 3 n8n itself does, and writes the history anew.
	test.each([2.2, 3.1])(
		'%s uses a tool twice; reasoning goes back with its turn, calls and results keep together',
		async (version) => {
			const engine = await engineThat(calculating);
			const path = `chat-agent-${version * 10}`;
			const id = await publishFlow(
				client,
				path,
				{
					In: webhook(path),
					Agent: agent('={{ $json.body.question }}', version),
					Model: chatModel(),
					Calculator: calculator,
				},
				await credentialFor(client, path, [engine.url]),
			);
			const answer = await client.webhook(path, { question: '(17+25)*3?' });
			expect(answer.json).toEqual([{ output: expect.stringContaining('126') }]);

			expect(engine.asked).toHaveLength(3);
			expect(engine.asked[0]?.tools).toMatchObject([{ function: { name: 'Calculator' } }]);
			const [system, user, call, result] = engine.asked[1]?.messages ?? [];
			expect([system?.role, user?.content]).toEqual(['system', '(17+25)*3?']);
			expect(call).toMatchObject({
				role: 'assistant',
				reasoning_content: 'First the sum, then the product.',
				tool_calls: [{ function: { name: 'Calculator', arguments: '{"input":"17+25"}' } }],
			});
			expect(result).toMatchObject({ role: 'tool', tool_call_id: call?.tool_calls?.[0]?.id });
			expect(String(result?.content)).toContain('42');
			const ids = engine.asked[2]?.messages.flatMap(
				({ tool_calls }) => tool_calls?.map((each) => each.id) ?? [],
			);
			expect(new Set(ids).size).toBe(2);

			const runs = (await lastRun(client, id)).Model ?? [];
			expect(runs).toHaveLength(3);
			expect(runs[0]?.data?.ai_languageModel?.[0]?.[0]?.json).toMatchObject({
				toolCalls: [{ name: 'Calculator', args: { input: '17+25' } }],
				reasoning: 'First the sum, then the product.',
				tokenUsage: { totalTokens: 29 },
			});
		},
	);

	test('streams to n8n’s chat while the engine still writes', async () => {
		let goOn: () => void = () => undefined;
		const engine = await engineThat((body, response) => {
			if (!body.messages.some(({ role }) => role === 'tool')) return calculating(body, response, 1);
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(chunkOf({ content: 'It is ' }));
			goOn = () => {
				response.write(chunkOf({ content: 'forty-two.' }));
				end(response);
			};
		});
		const path = 'chat-stream';
		await publishFlow(
			client,
			path,
			{
				Chat: {
					type: langchain('chatTrigger'),
					typeVersion: 1.3,
					parameters: { public: true, mode: 'webhook', options: { responseMode: 'streaming' } },
					webhookId: path,
				},
				Agent: agent(),
				Model: chatModel(),
				Calculator: calculator,
			},
			await credentialFor(client, path, [engine.url]),
		);
		const response = await fetch(`${client.url}/webhook/${path}/chat`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ action: 'sendMessage', sessionId: 's', chatInput: '17+25?' }),
		});
		expect(response.status).toBe(200);
		let text = '';
		const decoder = new TextDecoder();
		for await (const part of response.body ?? []) {
			text += decoder.decode(part as Uint8Array, { stream: true });
			// The engine writes its second half only after the first has arrived here.
			if (text.includes('It is ')) goOn();
		}
		const items = text
			.split('\n')
			.filter(Boolean)
			.map((line) => JSON.parse(line) as { type: string; content?: string; metadata: { nodeName: string } });
		const said = items.filter(({ type, metadata }) => type === 'item' && metadata.nodeName === 'Agent');
		expect(said.map(({ content }) => content)).toEqual(['It is ', 'forty-two.']);
	});
});

test('Summarization', async () => {
	const engine = await engineThat((_body, response) => say(response, textDeltas('It is about desks.')));
	const path = 'chat-summary';
	await publishFlow(
		client,
		path,
		{
			In: webhook(path),
			Summarize: {
				type: langchain('chainSummarization'),
				typeVersion: 2.1,
				parameters: { options: {} },
			},
			Model: chatModel(),
		},
		await credentialFor(client, path, [engine.url]),
	);
	const answer = await client.webhook(path, { text: 'Desks are tables that people work at.' });
	expect(JSON.stringify(answer.json)).toContain('It is about desks.');
});
