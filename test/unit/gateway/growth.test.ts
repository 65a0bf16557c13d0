// Hostile requests of growing length: the gateway's time grows with the length, not with its square.
import { FAMILIES } from '../growth/families';
import { growthOf, type Subject } from '../growth/measure';
import { closeAll, key, scripted, start, type Running } from './support/gateway';

/** `npm test -- growth` feeds texts of 256 K characters. */
const MOST = process.env.LOCAL_ENGINE_GROWTH === 'whole' ? 1 << 18 : 1 << 14;

let gateway: Running;
beforeAll(async () => {
	gateway = await start({ engines: scripted() });
});
afterAll(closeAll);

const said = (content: unknown) => ({ model: 'gpt', messages: [{ role: 'user', content }] });
const tool = (name: string, parameters: object) => ({ type: 'function', function: { name, parameters } });
const post =
	(path: string, body: (text: string) => unknown): Subject =>
	async (text) =>
		await (await gateway.post(path, body(text))).text();
/** A recording with its form. */
const form =
	(write: (text: string) => string): Subject =>
	async (text) => {
		const headers = {
			authorization: `Bearer ${key}`,
			'content-type': 'multipart/form-data; boundary=b',
		};
		const body = write(text);
		await (await fetch(`${gateway.url}/audio/transcriptions`, { method: 'POST', headers, body })).text();
	};
const part = (head: string, text: string): string =>
	`--b\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;

/** A list whose length grows with the text. */
const list = <T>(text: string, entry: (at: number) => T): T[] =>
	Array.from({ length: Math.ceil(text.length / 16) }, (_, at) => entry(at));

/** Where a text may stand. */
const texts: Record<string, Subject> = {
	'a message': post('/chat/completions', said),
	'a model': post('/chat/completions', (text) => ({ ...said('Hi'), model: text })),
	'arguments of a tool call': post('/chat/completions', (text) => ({
		model: 'gpt',
		messages: [
			{ role: 'user', content: 'Hi' },
			{
				role: 'assistant',
				tool_calls: [{ id: 'a', type: 'function', function: { name: 't', arguments: text } }],
			},
			{ role: 'tool', tool_call_id: 'a', content: text },
		],
		tools: [tool('t', { properties: { a: { pattern: text } } })],
	})),
	'a schema': post('/chat/completions', (text) => ({
		...said('Hi'),
		response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { [text]: text } } },
	})),
	'a stop': post('/chat/completions', (text) => ({ ...said('Hi'), stop: text, user: text })),
	'a prompt': post('/completions', (text) => ({ model: 'gpt', prompt: text, suffix: text })),
	'an input': post('/responses', (text) => ({ model: 'gpt', input: text, previous_response_id: text })),
	'a message of Anthropic’s kind': post('/messages', (text) => ({
		...said([{ type: 'text', text }]),
		...{ system: text, max_tokens: 4 },
	})),
	'a text to embed': post('/embeddings', (text) => ({ model: 'e', input: text })),
	'documents to rank': post('/rerank', (text) => ({ model: 'e', query: text, documents: [text, text] })),
	'a recording': form(
		(text) => `${part('name="model"', 'w')}${part('name="file"; filename="a"', text)}--b--`,
	),
	'fields of a form': form((text) => `${part(`name="${text}"`, text)}${part('name="model"', text)}--b--`),
	'what is no form': form((text) => text),
	'a form without an end': form((text) => `--b\r\n${text}`),
	'what is no JSON': post('/chat/completions', (text) => text),
	'an image': post('/chat/completions', (text) =>
		said([{ type: 'image_url', image_url: { url: `data:image/png;base64,${text}` } }]),
	),
};

/** Lists that may be long. */
const lists: Record<string, Subject> = {
	messages: post('/chat/completions', (text) => ({
		model: 'gpt',
		messages: list(text, (at) => ({ role: at % 2 ? 'assistant' : 'user', content: 'a' })),
	})),
	'parts of a message': post('/chat/completions', (text) =>
		said(list(text, () => ({ type: 'text', text: 'a' }))),
	),
	'tool calls and their results': post('/chat/completions', (text) => ({
		model: 'gpt',
		messages: [
			{ role: 'user', content: 'Hi' },
			{
				role: 'assistant',
				tool_calls: list(text, (at) => ({
					...{ id: `c${at}`, type: 'function' },
					function: { name: `t${at}`, arguments: '{}' },
				})),
			},
			...list(text, (at) => ({ role: 'tool', tool_call_id: `c${at}`, content: 'a' })),
		],
		tools: list(text, (at) => tool(`t${at}`, {})),
	})),
	'stops and biases': post('/chat/completions', (text) => ({
		...said('Hi'),
		stop: list(text, String),
		logit_bias: Object.fromEntries(list(text, (at) => [String(at), 1])),
	})),
	'input of Responses': post('/responses', (text) => ({
		model: 'gpt',
		input: list(text, (at) => ({
			...(at % 2 ? { type: 'function_call_output', call_id: `c${at - 1}`, output: 'a' } : {}),
			...(at % 2 ? {} : { type: 'function_call', call_id: `c${at}`, name: 't', arguments: '{}' }),
		})),
	})),
	'blocks of Anthropic’s kind': post('/messages', (text) => ({
		...{ model: 'gpt', max_tokens: 4 },
		messages: list(text, (at) => ({
			role: at % 2 ? 'assistant' : 'user',
			content: [
				at % 2
					? { type: 'tool_use', id: `c${at}`, name: 't', input: {} }
					: { type: 'tool_result', tool_use_id: `c${at - 1}`, content: 'a' },
			],
		})),
	})),
	'texts to embed': post('/embeddings', (text) => ({ model: 'e', input: list(text, () => 'a') })),
	'fields that nobody knows': post('/chat/completions', (text) => ({
		...said('Hi'),
		...Object.fromEntries(list(text, (at) => [`field${at}`, at])),
	})),
};

it('answers a request at all', async () => {
	expect((await gateway.post('/chat/completions', said('Hi'))).status).toBe(200);
});

it.each(Object.entries(texts))(
	'%s',
	async (_, subject) => {
		for (const family of FAMILIES)
			expect([family, await growthOf(subject, family, MOST)]).toEqual([family, undefined]);
	},
	600_000,
);

it.each(Object.entries(lists))(
	'%s',
	async (_, subject) => {
		expect(await growthOf(subject, 'letters', MOST * 4)).toBeUndefined();
	},
	600_000,
);

it('headers and paths, without a key', async () => {
	const asked =
		(path: string, authorization: string): Subject =>
		async (text) => {
			const response = await fetch(
				`${gateway.url}${path}${encodeURI(text.slice(0, 12_000).toWellFormed())}`,
				{
					method: 'POST',
					headers: { authorization: authorization + encodeURIComponent(text.slice(0, 8_000).toWellFormed()) },
					body: '{}',
				},
			);
			await response.text();
		};
	for (const subject of [asked('/', 'Bearer '), asked('', ''), asked('/chat/completions/', `Bearer ${key}`)])
		for (const family of FAMILIES)
			expect([family, await growthOf(subject, family, 1 << 13)]).toEqual([family, undefined]);
}, 600_000);
