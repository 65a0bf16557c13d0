import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { WorkflowOptions, WorkflowRequest, WorkflowRun } from '../../../lib/gateway';
import { GatewayError } from '../../../lib/gateway';
import { ask, closeAll, key, read, scripted, start, until } from './support/gateway';

afterEach(closeAll);

const forEver = new Promise<never>(() => undefined);
const said = (text: string): WorkflowRun => ({
	answer: Promise.resolve({ text }),
	ended: Promise.resolve(),
});

/** A workflow that does what the test says, and remembers what it was asked. */
function workflowOf(run: (request: WorkflowRequest) => WorkflowRun, more: Partial<WorkflowOptions> = {}) {
	const asked: WorkflowRequest[] = [];
	const workflow: WorkflowOptions = {
		models: ['docs'],
		ask: (request) => {
			asked.push(request);
			return run(request);
		},
		...more,
	};
	return { asked, workflow };
}

const question = { model: 'docs', messages: [{ role: 'user', content: 'What is a bridge?' }] };

describe('a workflow as a model', () => {
	it('is asked in the place of the engines, with question, system text, earlier turns, key and user', async () => {
		const engines = scripted();
		const { asked, workflow } = workflowOf(() => said('A way over water.'));
		const gateway = await start({ engines, workflow });
		const messages = [
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: 'What is a lamp?' },
			{ role: 'assistant', content: 'A light.' },
			{ role: 'user', content: [{ type: 'text', text: 'And a bridge?' }] },
		];
		const body = { model: 'docs', messages, user: 'ada', temperature: 0.2, tools: [] };
		const answer = await read(gateway.post('/chat/completions', body));
		expect(answer.choices[0].message.content).toBe('A way over water.');
		expect(answer).toMatchObject({ model: 'docs', usage: { completion_tokens: 5 } });
		expect(asked).toEqual([
			{
				id: answer.id,
				api: 'chat',
				model: 'docs',
				key: 'team',
				user: 'ada',
				question: 'And a bridge?',
				system: 'Be brief.',
				earlierMessages: [
					{ role: 'user', content: 'What is a lamp?' },
					{ role: 'assistant', content: 'A light.' },
				],
				stream: false,
				request: expect.objectContaining({ temperature: 0.2, model: 'docs' }),
			},
		]);
		expect(engines.asked).toEqual([]);
		expect(gateway.exchanges).toMatchObject([
			{ id: answer.id, key: 'team', engine: 'workflow', model: 'docs', status: 200 },
		]);
	});

	it('leaves every other model to the engines', async () => {
		const engines = scripted();
		const { asked, workflow } = workflowOf(() => said(''));
		const gateway = await start({ engines, workflow });
		expect((await gateway.post('/chat/completions', ask)).status).toBe(200);
		expect([asked.length, engines.asked.length]).toEqual([0, 1]);
	});

	it('is found behind an alias', async () => {
		const { asked, workflow } = workflowOf(() => said('yes'));
		const gateway = await start({ workflow, aliases: { gpt: 'docs' } });
		await read(gateway.post('/chat/completions', ask));
		expect(asked).toMatchObject([{ model: 'gpt', request: { model: 'docs' } }]);
	});

	it('answers the clients of OpenAI and Anthropic in each protocol, streamed and not', async () => {
		const { asked, workflow } = workflowOf(() => said('A way over water.'));
		const gateway = await start({ workflow });
		const openai = new OpenAI({ baseURL: gateway.url, apiKey: key, maxRetries: 0 });
		const anthropic = new Anthropic({
			baseURL: gateway.url.replace(/\/v1$/, ''),
			apiKey: key,
			maxRetries: 0,
		});
		const messages = [{ role: 'user' as const, content: 'What is a bridge?' }];
		const texts: string[] = [];

		let text = '';
		for await (const chunk of await openai.chat.completions.create({ model: 'docs', messages, stream: true }))
			text += chunk.choices[0]?.delta.content ?? '';
		texts.push(text);
		texts.push((await openai.responses.create({ model: 'docs', input: 'What is a bridge?' })).output_text);
		const stream = openai.responses.stream({ model: 'docs', input: 'What is a bridge?' });
		texts.push((await stream.finalResponse()).output_text);
		const params = { model: 'docs', max_tokens: 100, messages };
		const [block] = (await anthropic.messages.create(params)).content;
		texts.push(block?.type === 'text' ? block.text : '');
		texts.push(await anthropic.messages.stream(params).finalText());
		texts.push(
			(await openai.completions.create({ model: 'docs', prompt: 'What is a bridge?' })).choices[0]?.text ??
				'',
		);

		expect(texts).toEqual(Array.from({ length: 6 }, () => 'A way over water.'));
		expect(asked.map(({ api, stream: streamed, question: q }) => [api, streamed, q])).toEqual([
			['chat', true, 'What is a bridge?'],
			['responses', false, 'What is a bridge?'],
			['responses', true, 'What is a bridge?'],
			['messages', false, 'What is a bridge?'],
			['messages', true, 'What is a bridge?'],
			['completions', false, 'What is a bridge?'],
		]);
		const counted = await anthropic.messages.countTokens({ model: 'docs', messages });
		expect(counted.input_tokens).toBeGreaterThan(0);
	});

	it('is listed with the models, also while no engine answers', async () => {
		const { workflow } = workflowOf(() => said(''));
		const models = async () => await Promise.reject(new Error('down'));
		const gateway = await start({ engines: scripted({ models }), workflow });
		const headers = { authorization: `Bearer ${key}` };
		const { data } = await read(fetch(`${gateway.url}/models`, { headers }));
		expect(data).toMatchObject([{ id: 'docs', name: 'docs', owned_by: 'workflow', type: 'model' }]);
		expect(await read(fetch(`${gateway.url}/models/docs`, { headers }))).toMatchObject({ id: 'docs' });
	});

	it('names the wishes that a text cannot fulfil', async () => {
		const { workflow } = workflowOf(() => said('yes'));
		const gateway = await start({ workflow });
		const tools = [{ type: 'function', function: { name: 'look' } }];
		for (const stream of [false, true]) {
			const response = await gateway.post('/chat/completions', {
				...question,
				stream,
				tools,
				response_format: { type: 'json_object' },
			});
			await response.text();
			expect(response.headers.get('x-gateway-ignored')).toBe('tools, response_format');
			expect(response.headers.get('x-engine')).toBe('workflow');
		}
	});

	it('that fails, or cannot be started, says so, and no client tries it again', async () => {
		const failed = () => new GatewayError('workflowFailed', 'The workflow failed.');
		for (const [ask, status, code] of [
			[() => ({ answer: Promise.reject(failed()), ended: Promise.resolve() }), 502, 'workflow_failed'],
			[
				() => {
					throw new GatewayError('workflowUnavailable', 'Publish it.');
				},
				503,
				'workflow_unavailable',
			],
		] as const) {
			const { workflow } = workflowOf(ask);
			const gateway = await start({ workflow });
			const response = await gateway.post('/chat/completions', question);
			expect(response.status).toBe(status);
			expect(response.headers.get('x-should-retry')).toBe('false');
			expect((await read(response)).error.code).toBe(code);
			expect(gateway.exchanges).toMatchObject([{ status, error: { message: expect.any(String) } }]);
			const streamed = await gateway.post('/chat/completions', { ...question, stream: true });
			expect(streamed.status).toBe(status);
		}
	});

	it('that does not answer in time is a 504; in a stream that had to be kept open, an error in it', async () => {
		const { workflow } = workflowOf(() => ({ answer: forEver, ended: forEver }), { deadlineMs: 60 });
		const gateway = await start({ workflow, keepAliveMs: 10 });
		const response = await gateway.post('/chat/completions', question);
		expect(response.status).toBe(504);
		expect((await read(response)).error).toMatchObject({
			code: 'workflow_timeout',
			message: expect.stringContaining('within 0.06 seconds'),
		});
		const streamed = await (await gateway.post('/chat/completions', { ...question, stream: true })).text();
		expect(streamed).toContain(': waiting\n\n');
		expect(streamed).toContain('"code":"workflow_timeout"');
		expect(streamed).not.toContain('[DONE]');
	});

	it('holds a place until its run has ended, also when the client has left', async () => {
		const ends: Array<() => void> = [];
		const { asked, workflow } = workflowOf(
			() => ({ answer: forEver, ended: new Promise((resolve) => ends.push(resolve)) }),
			{ maxAtOnce: 2 },
		);
		const gateway = await start({ workflow });
		const leaving = new AbortController();
		const post = () =>
			gateway.post('/chat/completions', question, undefined, leaving.signal).catch(() => undefined);
		const gone = [post(), post()];
		await until(() => asked.length === 2);
		leaving.abort();
		await Promise.all(gone);
		await until(() => gateway.exchanges.length === 2);
		expect(gateway.exchanges.map(({ status }) => status)).toEqual([499, 499]);
		const refused = await gateway.post('/chat/completions', question);
		expect(refused.status).toBe(503);
		expect(refused.headers.get('retry-after')).toBe('1');
		expect(asked.length).toBe(2);
		for (const end of ends) end();
		// Its answer never comes: what counts is that it is asked.
		gateway.post('/chat/completions', question).catch(() => undefined);
		await until(() => asked.length === 3);
		for (const end of ends) end();
	});
});
