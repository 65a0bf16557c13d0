// What clients really send, and what becomes of it: bodies of Codex CLI, Claude Code, opencode, Zed, LangChain, LiteLLM and
// of programs that write every field, shortened to the fields that matter.
import type { ChatRequest, ChatResult } from '../../../lib/engine';
import { ask, closeAll, key, read, result, scripted, start, type Running } from './support/gateway';

afterEach(closeAll);

const user = (content: string) => ({ role: 'user' as const, content });
const call = (name: string, args = '{}', id = 'c1') => ({ id, name, arguments: args });

/** What the engines are asked when this body comes, and which fields are named as unused. */
async function asked(path: string, body: object): Promise<{ request?: ChatRequest; ignored: string | null }> {
	const engines = scripted();
	const gateway = await start({ engines });
	const response = await gateway.post(path, body);
	expect([response.status, await response.text()]).toEqual([200, expect.anything()]);
	return { request: engines.asked[0], ignored: response.headers.get('x-gateway-ignored') };
}

describe('chat completions', () => {
	it.each<[string, object, Partial<ChatRequest>]>([
		[
			'every field of a message as null',
			{
				messages: [
					{ role: 'user', content: 'Hi', name: null, tool_calls: null, tool_call_id: null, refusal: null },
					{ role: 'assistant', content: 'Yes', name: null, tool_calls: null, function_call: null },
					{ role: 'user', content: [{ type: 'text', text: 'And?', image_url: null, refusal: null }] },
				],
				model: null,
				functions: null,
				function_call: null,
				tools: null,
				stop: null,
				n: null,
				temperature: null,
				max_tokens: null,
				response_format: null,
				stream_options: { include_usage: null },
			},
			{ messages: [user('Hi'), { role: 'assistant', content: 'Yes' }, user('And?')] },
		],
		[
			'a tool without description and parameters, as null',
			{
				...ask,
				tools: [
					{ type: 'function', function: { name: 'f', description: null, parameters: null, strict: null } },
				],
			},
			{ tools: [{ name: 'f', parameters: { type: 'object', properties: {} } }] },
		],
		['“any”, Mistral’s word', { ...ask, tool_choice: 'any' }, { toolChoice: 'required' }],
		[
			'a choice among some of the tools',
			{
				...ask,
				tools: ['f', 'g'].map((name) => ({ type: 'function', function: { name, parameters: {} } })),
				tool_choice: {
					type: 'allowed_tools',
					allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] },
				},
			},
			{ tools: [{ name: 'g', parameters: {} }], toolChoice: 'required' },
		],
		[
			'the old call of a function and its answer',
			{
				messages: [
					user('Weather?'),
					{ role: 'assistant', content: null, function_call: { name: 'look', arguments: '{"a":1}' } },
					{ role: 'function', name: 'look', content: 'sunny' },
				],
			},
			{
				messages: [
					user('Weather?'),
					{ role: 'assistant', content: '', toolCalls: [call('look', '{"a":1}', 'look')] },
					{ role: 'tool', toolCallId: 'look', name: 'look', content: 'sunny' },
				],
			},
		],
		[
			'arguments as an object, and none at all',
			{
				messages: [
					user('Go'),
					{
						role: 'assistant',
						tool_calls: [
							{ id: 'c1', type: 'function', function: { name: 'f', arguments: { a: 1 } } },
							{ id: 'c2', type: 'function', function: { name: 'g', arguments: null } },
						],
					},
				],
			},
			{
				messages: [
					user('Go'),
					{ role: 'assistant', content: '', toolCalls: [call('f', '{"a":1}'), call('g', '{}', 'c2')] },
				],
			},
		],
		[
			'a picture that a tool returned',
			{
				messages: [
					user('See'),
					{ role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: '{}' } }] },
					{
						role: 'tool',
						tool_call_id: 'c1',
						content: [
							{ type: 'text', text: 'a cat' },
							{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
						],
					},
				],
			},
			{
				messages: [
					user('See'),
					{ role: 'assistant', content: '', toolCalls: [call('f')] },
					{ role: 'tool', toolCallId: 'c1', content: 'a cat' },
					{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'QUJD' }] },
				],
			},
		],
		[
			'a picture’s address as text',
			{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'https://x.test/a.png' }] }] },
			{ messages: [{ role: 'user', content: [{ type: 'image', url: 'https://x.test/a.png' }] }] },
		],
		[
			'rules in several pieces',
			{ messages: [{ role: 'system', content: 'A' }, { role: 'developer', content: 'B' }, user('Hi')] },
			{ messages: [{ role: 'system', content: 'A\n\nB' }, user('Hi')] },
		],
		[
			'a schema beside json_object, as llama.cpp takes it',
			{ ...ask, response_format: { type: 'json_object', schema: { type: 'object' } } },
			{ responseFormat: { type: 'jsonSchema', schema: { type: 'object' }, fallback: 'prompt' } },
		],
		[
			'a schema without its schema',
			{ ...ask, response_format: { type: 'json_schema', json_schema: { name: 'any' } } },
			{ responseFormat: { type: 'jsonSchema', schema: {}, fallback: 'prompt', name: 'any' } },
		],
		[
			'wishes whose value is false or 0',
			{ ...ask, parallel_tool_calls: false, keep_alive: 0, cache_prompt: false, presence_penalty: 0 },
			{ extra: { parallel_tool_calls: false, keep_alive: 0, cache_prompt: false } },
		],
		['xhigh', { ...ask, reasoning_effort: 'xhigh' }, { reasoning: 'high', reasoningIsWish: true }],
	])('with %s', async (_, body, wanted) => {
		expect((await asked('/chat/completions', body)).request).toMatchObject(wanted);
	});

	it('names the tools of other kinds than functions', async () => {
		const tools = [
			{ type: 'function', function: { name: 'f' } },
			{ type: 'custom', custom: { name: 'patch' } },
			{ type: 'web_search' },
		];
		const { request, ignored } = await asked('/chat/completions', { ...ask, tools });
		expect(request?.tools?.map(({ name }) => name)).toEqual(['f']);
		expect(ignored).toBe('tools.custom, tools.web_search');
	});
});

describe('several answers to one request', () => {
	const numbered = () => {
		const seeds: Array<number | undefined> = [];
		const engines = scripted({
			complete: async ({ seed, messages }): Promise<ChatResult> => {
				seeds.push(seed);
				const { content = '' } = messages.at(-1) ?? {};
				return { ...result, text: `${typeof content === 'string' ? content : ''} ${seeds.length}` };
			},
		});
		return { engines, seeds };
	};

	it('come as choices, each with a seed of its own, and count together', async () => {
		const { engines, seeds } = numbered();
		const gateway = await start({ engines });
		const { choices, usage } = await read(gateway.post('/chat/completions', { ...ask, n: 3, seed: 7 }));
		expect(choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
		expect(choices[2].message.content).toBe('Hi 3');
		expect(seeds).toEqual([7, 8, 9]);
		expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 6, total_tokens: 15 });
		expect(gateway.exchanges[0]?.usage).toMatchObject({ promptTokens: 9, completionTokens: 6 });
	});

	it('are streamed by their index, with one end', async () => {
		const gateway = await start();
		const body = { ...ask, n: 2, stream: true, stream_options: { include_usage: true } };
		const text = await (await gateway.post('/chat/completions', body)).text();
		const chunks = text
			.split('\n\n')
			.filter((line) => line.startsWith('data: {'))
			.map((line) => JSON.parse(line.slice(6)));
		const said = ['', ''];
		for (const { choices } of chunks)
			for (const { index, delta } of choices) said[index] += delta.content ?? '';
		expect(said).toEqual(['Hello "wörld"\n', 'Hello "wörld"\n']);
		expect(text.match(/\[DONE\]/g)).toHaveLength(1);
		expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 10 } });
	});

	it('stop together when one of them fails', async () => {
		let stopped = 0;
		let calls = 0;
		const engines = scripted({
			complete: async (_request, call) => {
				if (++calls === 2) throw new Error('broken');
				await new Promise((resolve) => call?.signal?.addEventListener('abort', resolve));
				stopped++;
				throw new Error('cancelled');
			},
		});
		const gateway = await start({ engines });
		expect((await gateway.post('/chat/completions', { ...ask, n: 3 })).status).toBe(500);
		expect(stopped).toBe(2);
		expect(String(gateway.faults[0])).toContain('broken');
	});

	it('have a bound', async () => {
		const gateway = await start();
		expect((await gateway.post('/chat/completions', { ...ask, n: 17 })).status).toBe(400);
		const prompts = Array.from({ length: 9 }, () => 'Once');
		const response = await gateway.post('/completions', { prompt: prompts, n: 2 });
		expect(await read(response)).toMatchObject({ error: { param: 'prompt', message: /18 answers/ } });
	});

	it('are what several prompts of the old completions ask for', async () => {
		const { engines } = numbered();
		const gateway = await start({ engines });
		const body = { prompt: ['a', 'b'], n: 1, best_of: 1, logit_bias: {}, suffix: null, echo: false };
		const { choices } = await read(gateway.post('/completions', body));
		expect(choices.map(({ text }: { text: string }) => text)).toEqual(['a 1', 'b 2']);
	});
});

describe('responses', () => {
	const codex = [
		{ type: 'function', name: 'exec_command', strict: false, parameters: { type: 'object' } },
		{
			type: 'namespace',
			name: 'mcp__files',
			description: 'Files',
			tools: [{ type: 'function', name: 'list', strict: false, parameters: { type: 'object' } }],
		},
		{ type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: '…' } },
		{ type: 'web_search', external_web_access: false },
	];

	/** A gateway whose engine calls this tool. */
	const calling = async (name: string, args: string): Promise<Running> => {
		const toolCalls = [call(name, args)];
		return await start({
			engines: scripted({
				complete: async () => ({ ...result, text: '', reasoning: '', toolCalls, finishReason: 'toolCalls' }),
				async *chat() {
					yield { type: 'start', engine: 'one', model: 'm', attempts: [] };
					yield { type: 'toolCall', index: 0, id: 'c1', name, argumentsDelta: args.slice(0, 4) };
					yield { type: 'toolCall', index: 0, id: 'c1', name, argumentsDelta: args.slice(4) };
					yield { type: 'end', finishReason: 'toolCalls', usage: result.usage, timings: result.timings };
				},
			}),
		});
	};

	it('offers the tools of a namespace and those that take text as functions', async () => {
		const { request, ignored } = await asked('/responses', { model: 'm', input: 'Go', tools: codex });
		expect(request?.tools?.map(({ name }) => name)).toEqual([
			'exec_command',
			'mcp__files__list',
			'apply_patch',
		]);
		expect(request?.tools?.[2]?.parameters).toMatchObject({ required: ['input'] });
		expect(ignored).toBe('tools.web_search');
	});

	it.each([
		['mcp__files__list', '{"a":1}', { type: 'function_call', namespace: 'mcp__files', name: 'list' }],
		['apply_patch', '{"input":"*** Begin"}', { type: 'custom_tool_call', input: '*** Begin' }],
		['apply_patch', '*** Begin', { type: 'custom_tool_call', input: '*** Begin' }],
	])('calls %s with %s in the client’s own way, whole and streamed', async (name, args, wanted) => {
		const gateway = await calling(name, args);
		const body = { model: 'm', input: 'Go', tools: codex };
		const { output } = await read(gateway.post('/responses', body));
		expect(output[0]).toMatchObject({ ...wanted, call_id: 'c1', status: 'completed' });
		const text = await (await gateway.post('/responses', { ...body, stream: true })).text();
		const events = text.split('\n\n').flatMap((event) => /data: (.*)/.exec(event)?.slice(1) ?? []);
		const done = events
			.map((event) => JSON.parse(event))
			.find(({ type }) => type === 'response.output_item.done');
		expect(done.item).toMatchObject(wanted);
	});

	it('reads such calls, their answers and pictures in them back', async () => {
		const { request, ignored } = await asked('/responses', {
			model: 'm',
			stream: false,
			store: false,
			include: ['reasoning.encrypted_content'],
			reasoning: { summary: 'auto' },
			max_output_tokens: -1,
			parallel_tool_calls: true,
			prompt_cache_key: 'x',
			client_metadata: { a: 'b' },
			tools: codex,
			input: [
				{ type: 'message', id: 'msg_1', role: 'developer', content: [{ type: 'input_text', text: 'A' }] },
				{ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'B' }] },
				{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go' }] },
				{ type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: null },
				{ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } },
				{
					type: 'function_call',
					id: 'fc_1',
					name: 'list',
					namespace: 'mcp__files',
					arguments: '{}',
					call_id: 'c1',
				},
				{ type: 'custom_tool_call', id: 'ctc_1', name: 'apply_patch', input: '***', call_id: 'c2' },
				{
					type: 'function_call_output',
					call_id: 'c1',
					output: [
						{ type: 'input_text', text: 'two' },
						{ type: 'input_image', image_url: 'data:image/png;base64,QUJD' },
					],
				},
				{ type: 'custom_tool_call_output', call_id: 'c2', output: 'done' },
			],
		});
		expect(request?.messages).toEqual([
			{ role: 'system', content: 'A\n\nB' },
			user('Go'),
			{
				role: 'assistant',
				content: '',
				toolCalls: [call('mcp__files__list'), call('apply_patch', '{"input":"***"}', 'c2')],
			},
			{ role: 'tool', toolCallId: 'c1', content: 'two' },
			{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'QUJD' }] },
			{ role: 'tool', toolCallId: 'c2', content: 'done' },
		]);
		expect(request).not.toHaveProperty('maxTokens');
		expect(ignored).toBe('tools.web_search, input.web_search_call');
	});
});

describe('messages', () => {
	it('of Claude Code, with rules in the middle', async () => {
		const { request, ignored } = await asked('/messages?beta=true', {
			model: 'm',
			max_tokens: 32000,
			stream: false,
			system: [
				{ type: 'text', text: 'One.' },
				{ type: 'text', text: 'Two.', cache_control: { type: 'ephemeral', scope: 'global' } },
			],
			messages: [
				{ role: 'user', content: [{ type: 'text', text: 'Go' }] },
				{ role: 'system', content: 'Agents: none.' },
				{
					role: 'assistant',
					content: [{ type: 'tool_use', id: 'c1', name: 'Bash', input: { command: 'ls' } }],
				},
				{
					role: 'user',
					content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'a.txt', is_error: false }],
				},
				{ role: 'system', content: 'Be quick.' },
			],
			tools: [{ name: 'Bash', description: 'Runs', input_schema: { type: 'object' }, eager: true }],
			tool_choice: { type: 'auto', disable_parallel_tool_use: true },
			metadata: { user_id: 'u' },
			thinking: { type: 'enabled', budget_tokens: 1024 },
			context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
			output_config: { effort: 'high' },
		});
		expect(request?.messages).toEqual([
			{ role: 'system', content: 'One.\nTwo.' },
			user('Go\n\nAgents: none.'),
			{ role: 'assistant', content: '', toolCalls: [call('Bash', '{"command":"ls"}')] },
			{ role: 'tool', toolCallId: 'c1', content: 'a.txt' },
			user('Be quick.'),
		]);
		expect(request).toMatchObject({ reasoning: 'high', extra: { parallel_tool_calls: false } });
		expect(ignored).toBe('thinking.budget_tokens, context_management');
	});
});

describe('embeddings and rerank', () => {
	it.each([
		['/embeddings', { input: 'a', model: null, encoding_format: null, dimensions: null, user: 'me' }, null],
		['/embeddings', { input: 'a', input_type: 'query', truncate: 'END' }, 'input_type, truncate'],
		['/rerank', { query: 'q', documents: ['a'], model: null, top_n: null }, null],
		['/rerank', { query: 'q', documents: ['a'], max_tokens_per_doc: 10 }, 'max_tokens_per_doc'],
	])('%s %j', async (path, body, ignored) => {
		const gateway = await start();
		const response = await gateway.post(path, body);
		expect([response.status, response.headers.get('x-gateway-ignored')]).toEqual([200, ignored]);
		expect(response.headers.get('x-engine')).toBe('one');
	});
});

describe('web pages', () => {
	const preflight = (url: string, origin: string) =>
		fetch(`${url}/chat/completions`, {
			method: 'OPTIONS',
			headers: { origin, 'access-control-request-method': 'POST' },
		});

	it('of any origin may ask with a key', async () => {
		const { url } = await start();
		const response = await preflight(url, 'https://app.test');
		expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
		const authorization = `Bearer ${key}`;
		const asked = (headers: object) => fetch(`${url}/models`, { headers: { authorization, ...headers } });
		const toPage = await asked({ origin: 'https://app.test' });
		expect(toPage.headers.get('access-control-allow-origin')).toBe('*');
		expect(toPage.headers.get('access-control-expose-headers')).toContain('x-engine');
		// Programs that are no browser get none of it.
		expect((await asked({})).headers.get('access-control-allow-origin')).toBeNull();
	});

	it('of this machine alone may ask an open gateway', async () => {
		const { url } = await start({ keys: [], anonymous: true });
		const near = await preflight(url, 'http://localhost:3000');
		expect([near.status, near.headers.get('access-control-allow-origin')]).toEqual([
			204,
			'http://localhost:3000',
		]);
		const far = await preflight(url, 'https://app.test');
		expect([far.ok, far.headers.get('access-control-allow-origin')]).toEqual([false, null]);
	});

	it('and monitors may ask with HEAD', async () => {
		const { url } = await start();
		const headers = { authorization: `Bearer ${key}` };
		expect((await fetch(`${url}/models`, { method: 'HEAD', headers })).status).toBe(200);
		expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
	});
});

it('one model is found by its name, with and without “latest”', async () => {
	const models = async () => [{ engine: 'one', id: 'tiny:latest' }];
	const { url } = await start({ engines: scripted({ models }) });
	const headers = { authorization: `Bearer ${key}` };
	for (const name of ['tiny', 'tiny:latest', 'tiny%3Alatest'])
		expect([name, (await fetch(`${url}/models/${name}`, { headers })).status]).toEqual([name, 200]);
	expect((await fetch(`${url}/models/tiny:2b`, { headers })).status).toBe(404);
});
