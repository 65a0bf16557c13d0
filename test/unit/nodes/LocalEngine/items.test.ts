// What the operations that ask a model do with items, with an engine that answers what a test tells it to.
import { answer } from '../../../../nodes/LocalEngine/actions/chat/answer.operation';
import { message } from '../../../../nodes/LocalEngine/actions/chat/message.operation';
import { classify } from '../../../../nodes/LocalEngine/actions/text/classify.operation';
import { extract } from '../../../../nodes/LocalEngine/actions/text/extract.operation';
import type { Operation } from '../../../../nodes/shared/runtime/operations';
import { type ChatEngine, startChatEngine } from '../../../support/chatEngine';
import type { ContextOptions } from '../../../support/nodeContext';
import { outputOf, runOf } from '../../../support/operation';

/** As Classify calls it. */
const NONE = 'none of these';
let engine: ChatEngine;
const engines: ChatEngine[] = [];
beforeAll(async () => {
	engine = await startChatEngine(({ messages }) => {
		const [asked, system] = [String(messages.at(-1)?.content), String(messages[0]?.content)];
		if (system.includes('Extract')) return '{"total":119.5}';
		if (system.includes('invoice'))
			return /crash/.test(asked) ? 'defect' : /bill/.test(asked) ? 'invoice' : NONE;
		return asked.includes('Question') ? 'In 1937 [1], rebuilt later [2].' : `Echo: ${asked}`;
	});
	engines.push(engine);
});
afterAll(async () => await Promise.all(engines.map(async (each) => await each.close())));

const withEngine = (url = engine.url): Partial<ContextOptions> => ({
	node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
	credentials: () => ({ dialect: 'openai', baseUrl: url, chatModel: 'scripted' }),
});
const run = async (operation: Operation, options: ContextOptions) =>
	await outputOf(operation, { ...withEngine(), ...options });

const classes = { values: [{ name: 'invoice' }, { name: 'defect' }] };

describe('a mail with an attachment', () => {
	const mail = {
		json: { from: 'ada@example.org', subject: 'Your bill', body: 'See below.' },
		binary: { attachment: { data: '', mimeType: 'text/html', fileName: 'invoice.html' } },
	};
	const files = { attachment: Buffer.from('<html><body><p>The bill: 119.50</p></body></html>') };

	test('is classified by subject and body, and goes on with its attachment', async () => {
		const [item] = await run(classify, {
			parameters: { classes, textField: () => `${mail.json.subject} ${mail.json.body}` },
			items: [mail],
		});
		expect(item).toMatchObject({ json: { ...mail.json, label: 'invoice' }, binary: mail.binary });
	});

	test('gives its fields from the attachment at the top level, beside those of the mail', async () => {
		const [item] = await run(extract, {
			parameters: {
				textFrom: 'file',
				binaryField: 'attachment',
				output: 'flat',
				fields: { values: [{ name: 'total', type: 'number' }] },
			},
			items: [mail],
			files,
		});
		expect(item?.json).toEqual({ ...mail.json, total: 119.5 });
		expect(engine.asked.at(-1)?.messages.at(-1)?.content).toContain('The bill: 119.50');
	});

	test('without the file named, the error says which files there are', async () => {
		const failed = run(extract, {
			parameters: {
				textFrom: 'file',
				binaryField: 'data',
				fields: { values: [{ name: 'total', type: 'number' }] },
			},
			items: [mail],
		});
		await expect(failed).rejects.toThrow(
			'The item has no file in the field "data". It has files in: attachment.',
		);
	});
});

test('Classify has an output for each class, and one for no class', async () => {
	const texts = ['a crash', 'a bill', 'nothing', 'another bill'];
	const outputs = await classify.execute(
		runOf(classify.fields, {
			...withEngine(),
			parameters: { classes, classOutputs: 'perClass' },
			items: texts.map((text) => ({ json: { text } })),
		}),
	);
	expect(outputs.map((items) => items.map(({ json }) => json.text))).toEqual([
		['a bill', 'another bill'],
		['a crash'],
		['nothing'],
	]);
});

test('Answer gives what n8n’s chat shows: the answer and its sources with their pages; the question of a chat is found', async () => {
	const hits = [
		{ text: 'It opened in 1937.', source: 'bridges.pdf', title: 'Bridges', page: 3 },
		{ text: 'It was rebuilt.', source: 'https://example.org/news', metadata: { page: 7 } },
	];
	const [item] = await run(answer, { items: [{ json: { chatInput: 'When did it open?', hits } }] });
	expect(item?.json).toMatchObject({
		chatInput: 'When did it open?',
		answer: 'In 1937 [1], rebuilt later [2].',
		output:
			'In 1937 [1], rebuilt later [2].\n\nSources:\n- [1] Bridges (bridges.pdf), page 3\n- [2] https://example.org/news, page 7',
		sources: [
			{ source: 'bridges.pdf', title: 'Bridges', page: 3, markers: [1] },
			{ source: 'https://example.org/news', page: 7, link: 'https://example.org/news', markers: [2] },
		],
		citations: [
			{ marker: 1, page: 3 },
			{ marker: 2, page: 7 },
		],
		fallback: false,
		call: { engine: expect.any(String) as string },
	});
});

test('an empty question is told with its item', async () => {
	const asked = (question: string) => ({ json: { question, hits: [{ text: 'x', source: 'a.md' }] } });
	await expect(run(answer, { items: [asked('When?'), asked(' ')] })).rejects.toThrow(
		'The question of item 2 is empty ("Question Field"). Send it, or enter another field name or an expression.',
	);
});

test('with all engines off, Answer says so at the top of its output and on the node', async () => {
	const hints: string[] = [];
	const [item] = await outputOf(answer, {
		...withEngine('http://127.0.0.1:1'),
		items: [
			{ json: { question: 'When did it open?', hits: [{ text: 'It opened in 1937.', source: 'a.md' }] } },
		],
		hints,
	});
	expect(item?.json).toMatchObject({ fallback: true, call: { engine: 'built-in' } });
	expect(hints).toEqual([expect.stringContaining('built-in answerer was used')]);
});

test.each([
	[5, '5'],
	[true, 'true'],
	[{ a: 1 }, '{"a":1}'],
])('a message may be %j', async (given, sent) => {
	const [item] = await run(message, { parameters: { message: () => given } });
	expect(item?.json.text).toBe(`Echo: ${sent}`);
});

test('numbers that arrive as text reach the engine as numbers', async () => {
	await run(message, {
		parameters: {
			message: 'Hello',
			options: { temperature: () => '0.5', maxTokens: () => '20', seed: () => '7' },
		},
	});
	expect(engine.asked.at(-1)).toMatchObject({ temperature: 0.5, max_tokens: 20, seed: 7 });
});

// n8n decrypts a credential and evaluates its expressions each time: a millisecond of its event loop (`npm run bench -- items`).
test.each([
	['Send Message', message, { message: 'Hello' }],
	['Classify', classify, { textField: 'text', classes }],
	['Extract Data', extract, { textField: 'text', fields: { values: [{ name: 'total', type: 'number' }] } }],
	['Answer From Passages', answer, { questionField: 'text', passagesField: 'passages' }],
])(
	'%s looks at the credential once for an item, and once for the places',
	async (_, operation, parameters) => {
		const looks: number[] = [];
		const { credentials, ...others } = withEngine();
		await outputOf(operation, {
			...others,
			parameters,
			items: Array.from({ length: 6 }, () => ({
				json: { text: 'a bill', passages: [{ text: 'A bill.', source: 'a.md' }] },
			})),
			credentials: (type, item) => {
				looks.push(item);
				return credentials?.(type, item) ?? {};
			},
		});
		expect(looks.toSorted()).toEqual([0, 0, 1, 2, 3, 4, 5]);
	},
);
