// Bodies whose keys are names that JavaScript or n8n give a meaning to, in every field that the templates' webhooks and the gateway
// read: a wrong body is the caller's fault and answered as such.
import { startHost, sharedHost, type Host } from '../support/n8n';
import { startTemplateEngine, type TemplateEngine } from '../support/templateEngine';
import { gatewayKey, importGallery } from '../support/templates';

jest.setTimeout(300_000);

/** As JSON, because some of these keys cannot be written as an object of JavaScript. */
const ODD: readonly string[] = [
	'{"toString":"x"}',
	'{"constructor":{"prototype":{"polluted":true}}}',
	'{"__proto__":{"polluted":true}}',
	'{"hasOwnProperty":"x","valueOf":"x","toJSON":"x","then":"x","length":-1}',
	'{"isLuxonDateTime":true,"toMillis":"x"}',
	'{"mode":"id","value":{"toString":"x"}}',
	'[{"__proto__":{}},{"toString":"x"}]',
	'-1e400',
];

const WEBHOOKS: ReadonlyArray<readonly [path: string, sample: object]> = [
	['distillation/feedback', { record: 'a', thumb: 'up', correction: 'b', comment: 'c' }],
	['ab-test/ask', { question: 'What opens the vault?', user: 'u' }],
	['ab-test/outcome', { user: 'u', solved: true, seconds: 4 }],
	['support/tickets', { text: 'The screen is black.', id: 't' }],
	['contextual-chunks', { text: 'A text.', source: 'a.md' }],
	['invoices', { text: 'Invoice 5 of 3 May, 20 EUR.' }],
	[
		'knowledge-base/documents',
		{ documents: [{ source: 'a.md', text: 'A.' }], index: 'knowledge-base', metadata: {} },
	],
	[
		'knowledge-base/ask',
		{ question: 'What?', index: 'knowledge-base', filter: {}, limit: 3, conversation: 'c' },
	],
	[
		'gateway/v1/chat/completions',
		{
			...{ model: 'teacher', messages: [{ role: 'user', content: 'Hi' }], tools: [], tool_choice: 'auto' },
			...{
				response_format: { type: 'text' },
				stop: 'x',
				temperature: 0,
				stream: false,
				metadata: {},
				user: 'u',
			},
		},
	],
	['gateway/v1/completions', { model: 'teacher', prompt: 'Hi', max_tokens: 3, stop: 'x', stream: false }],
	['gateway/v1/embeddings', { model: 'words', input: 'Hi', encoding_format: 'float', dimensions: 3 }],
	['gateway/v1/rerank', { model: 'teacher', query: 'Hi', documents: ['a', 'b'], top_n: 1 }],
	[
		'gateway/v1/responses',
		{ model: 'teacher', input: 'Hi', tools: [], text: {}, reasoning: {}, metadata: {} },
	],
	[
		'gateway/v1/messages',
		{ model: 'teacher', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }], system: 's', tools: [] },
	],
];

/** The sample with one field replaced by what JSON text says, and an odd body as a whole. */
function* bodies(sample: object): Generator<string> {
	const entries = Object.entries(sample).map(([key, value]) => [key, JSON.stringify(value)] as const);
	for (const odd of ODD) {
		yield odd;
		// A model of another name may be one of an engine that is away: that is no fault of the caller.
		for (const [field] of entries)
			if (field !== 'model' || !odd.startsWith('"'))
				yield `{${entries.map(([key, text]) => `"${key}":${key === field ? odd : text}`).join()}}`;
		const [first, second] = entries;
		if (first && second) yield `{"${first[0]}":${odd},"${second[0]}":{"__proto__":{}}}`;
	}
}

let host: Host;
let engine: TemplateEngine;
beforeAll(async () => {
	engine = await startTemplateEngine();
	host = await startHost({ tarball: (await sharedHost()).tarball });
	const names = [
		...['knowledge-base-ingest', 'knowledge-base-ask', 'distillation-feedback', 'engine-gateway', 'ab-test'],
		...['support-triage', 'contextual-chunking', 'invoice-extraction'],
	];
	const gallery = await importGallery(host.client, engine.url, names);
	for (const name of names) await gallery.publish(name);
});
afterAll(async () => {
	await host?.remove();
	await engine?.close();
});

it.each(WEBHOOKS)('%s', async (path, sample) => {
	const headers = { 'content-type': 'application/json', authorization: `Bearer ${gatewayKey}` };
	const wrong: string[] = [];
	const waiting = [...bodies(sample)];
	const ask = async (): Promise<void> => {
		for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
			const response = await fetch(`${host.url}/webhook/${path}`, { method: 'POST', headers, body });
			const text = await response.text();
			const shows = /function |node_modules|native code|\bat .+:\d+:\d+/.test(text);
			if (response.status >= 500 || shows) wrong.push(`${body} → ${response.status} ${text.slice(0, 300)}`);
		}
	};
	await Promise.all([ask(), ask(), ask(), ask()]);
	expect(wrong).toEqual([]);
});
