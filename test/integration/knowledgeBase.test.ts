// The main job end to end: the templates in a real n8n with the packed nodes; documents in by webhook, answers out.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sampleFile, sampleFiles, sampleQuestions, sampleUpload } from '../../host/samples.cjs';
import { publishKnowledgeBase, sharedHost, template, type N8nClient } from '../support/n8n';

jest.setTimeout(90_000);

let client: N8nClient;
beforeAll(async () => {
	({ client } = await sharedHost());
});

interface Citation {
	marker: number;
	source: string;
	page?: number;
	start: number;
	end: number;
	text: string;
}

describe('the templates as they are, with the samples of npm start', () => {
	it('are imported and published, and store each file, whatever its type', async () => {
		for (const name of ['knowledge-base-ingest', 'knowledge-base-ask'])
			await client.importAndPublish(template(name));
		expect(new Set(sampleFiles().map((name) => path.extname(name)))).toEqual(
			new Set(['.csv', '.docx', '.eml', '.md', '.pdf']),
		);
		for (const name of sampleFiles()) {
			const { json: report } = await client.webhook('knowledge-base/documents', sampleUpload(name));
			expect({ name, ...report }).toMatchObject({ name, added: 1, failed: [] });
		}
	});

	it.each(sampleQuestions())('answer from $source: $question', async ({ question, answer, source, page }) => {
		const { status, json: said } = await client.webhook('knowledge-base/ask', { question });
		expect(status).toBe(200);
		expect(said).toMatchObject({ found: true, call: { engine: 'built-in' } });
		expect(said.answer).toContain(answer);
		expect(said.call.timings.totalMs).toBeGreaterThan(0);
		const cited = (said.citations as Citation[]).find((citation) => citation.source === source);
		expect(cited?.text.replaceAll(/\s+/g, ' ')).toContain(answer);
		expect(said.answer).toContain(`[${cited?.marker}]`);
		expect(cited?.page).toBe(page);
		if (source.endsWith('.md'))
			expect(readFileSync(sampleFile(source), 'utf8').slice(cited?.start, cited?.end)).toBe(cited?.text);
	});

	it('store nothing twice', async () => {
		for (const name of sampleFiles()) {
			const { json: again } = await client.webhook('knowledge-base/documents', sampleUpload(name));
			expect({ name, ...again }).toMatchObject({ name, added: 0, changed: 0, unchanged: 1, failed: [] });
		}
	});
});

const json = { headers: { 'content-type': 'application/json' } };
const binary = { headers: { 'content-type': 'application/octet-stream' } };
const upload = (name: string, data: string | Uint8Array<ArrayBuffer>, type: string) => {
	const form = new FormData();
	form.append('file', new Blob([data], { type }), name);
	return form;
};
const junk = () => new Uint8Array(randomBytes(5000));
const fiftyMegabytes = 'x'.repeat(50 * 1024 * 1024);
const document = (fields: Record<string, unknown>) => ({
	documents: [{ source: 'a.md', text: 'some text', ...fields }],
});

const badDocuments: Array<[what: string, body: () => unknown, init?: RequestInit]> = [
	['an empty body', () => undefined],
	['an empty object', () => ({})],
	['null', () => 'null', json],
	['a list of numbers', () => [1, 2]],
	['documents that are no list', () => ({ documents: 'all of them' })],
	['an empty list', () => ({ documents: [] })],
	['entries that are no documents', () => ({ documents: [1, null, 'a'] })],
	['a text that is an object', () => document({ text: { a: 5 } })],
	['an empty text', () => document({ text: '' })],
	['a text of blanks', () => document({ text: ' \n\t ' })],
	['a missing source', () => document({ source: undefined })],
	['a source that is an object', () => document({ source: {} })],
	['control characters in the source', () => document({ source: 'a\u0000b\u0007' })],
	['a list as metadata', () => document({ metadata: [1] })],
	['JSON that ends too early', () => '{"documents": [', json],
	['bytes that call themselves JSON', junk, json],
	['bytes that call themselves nothing', junk, binary],
	['a binary file', () => upload('photo.bin', junk(), 'application/octet-stream')],
	['bytes that call themselves text', () => upload('notes.txt', junk(), 'text/plain')],
	['a body of 50 MB', () => document({ text: fiftyMegabytes })],
	['a path as index', () => ({ index: '../../evil', ...document({}) })],
	['quotes in the index', () => ({ index: `a' OR "1"="1`, ...document({}) })],
	['a number as index', () => ({ index: 5, ...document({}) })],
	['an index name of 300 characters', () => ({ index: 'x'.repeat(300), ...document({}) })],
];

const badQuestions: Array<[what: string, body: () => unknown, init?: RequestInit]> = [
	['an empty body', () => undefined],
	['an empty object', () => ({})],
	['null as question', () => ({ question: null })],
	['an empty question', () => ({ question: '' })],
	['a question of blanks', () => ({ question: '  \n ' })],
	['a question of 10,000 characters', () => ({ question: 'why '.repeat(2500) })],
	['a body of 50 MB', () => ({ question: fiftyMegabytes })],
	['JSON that ends too early', () => '{"question":', json],
	['bytes that call themselves JSON', junk, json],
	['bytes that call themselves nothing', junk, binary],
	['an unknown index', () => ({ index: 'nobody-made-this', question: 'Where?' })],
	['a path as index', () => ({ index: '../evil', question: 'Where?' })],
	['quotes in the index', () => ({ index: `a'b"`, question: 'Where?' })],
];

describe('bad input', () => {
	let knowledge: Awaited<ReturnType<typeof publishKnowledgeBase>>;
	beforeAll(async () => {
		knowledge = await publishKnowledgeBase(client, 'bad-input');
		await knowledge.ingest({
			documents: [{ source: 'key.md', text: 'The spare key hangs behind the blue door.' }],
		});
	});

	/** The flow still serves, and the index holds what it held. */
	const expectUntouched = async () => {
		const { status, json: answer } = await knowledge.ask({ question: 'Where does the spare key hang?' });
		expect(status).toBe(200);
		expect(answer.answer).toContain('behind the blue door');
		const same = await knowledge.ingest({
			documents: [{ source: 'key.md', text: 'The spare key hangs behind the blue door.' }],
		});
		expect(same.json).toMatchObject({ unchanged: 1, added: 0 });
	};

	/** A 4xx with one sentence for a person; n8n's own 422 for broken JSON counts, it never reaches the flow. */
	const expectRefusal = ({ status, text, json: body }: Awaited<ReturnType<typeof knowledge.ask>>) => {
		expect({ status, text: text.slice(0, 300) }).toMatchObject({ status: expect.any(Number) });
		expect(status).toBeGreaterThanOrEqual(400);
		expect(status).toBeLessThan(500);
		const sentence: unknown = body?.error ?? body?.message;
		expect(typeof sentence).toBe('string');
		expect(String(sentence).length).toBeGreaterThan(15);
		expect(String(sentence).length).toBeLessThan(1000);
		expect(String(sentence)).not.toMatch(/undefined|\[object|at .*\(.*:\d+:\d+\)|node_modules/);
	};

	it.each(badDocuments)(
		'at the ingest webhook: %s is refused, and nothing is written',
		async (_what, ...request) => {
			expectRefusal(await knowledge.ingest(request[0](), request[1]));
			await expectUntouched();
		},
	);

	it.each(badQuestions)(
		'at the ask webhook: %s is refused, and the flow still serves',
		async (_what, ...request) => {
			expectRefusal(await knowledge.ask(request[0](), request[1]));
			await expectUntouched();
		},
	);

	it('names that look like paths or SQL are only names', async () => {
		const names = [
			'../../etc/passwd',
			`o'brien"; DROP TABLE documents;--`,
			'%2e%2e%2f',
			'C:\\boot.ini',
			'naïve 文書 🙂.md',
		];
		const suite = await publishKnowledgeBase(client, 'odd-names');
		const stored = await suite.ingest({
			documents: names.map((source, position) => ({ source, text: `The lamp number ${position} is green.` })),
		});
		expect(stored.json).toMatchObject({ added: names.length, failed: [] });
		for (const [position, source] of names.entries()) {
			const { json: answer } = await suite.ask({ question: `Which colour has the lamp number ${position}?` });
			expect((answer.citations as Citation[]).map((citation) => citation.source)).toContain(source);
		}
	});

	it('questions with control characters and quotes are answered all the same', async () => {
		for (const question of [
			`Where does the 'spare' "key" hang; --`,
			'Where does the \u0000\u0007spare key hang?',
		]) {
			const { status, json: answer } = await knowledge.ask({ question });
			expect(status).toBe(200);
			expect(answer.answer).toContain('behind the blue door');
		}
	});

	it('one bad document among good ones is named, the others are stored', async () => {
		const suite = await publishKnowledgeBase(client, 'one-bad');
		const { status, json: report } = await suite.ingest({
			documents: [
				{ source: 'good-1.md', text: 'The red lamp is on the roof.' },
				{ source: 'bad.md', text: { pages: 17 } },
				{ source: 'good-2.md', text: 'The green lamp is in the cellar.' },
			],
		});
		expect(status).toBe(200);
		expect(report).toMatchObject({
			added: 2,
			failed: [{ source: 'bad.md', reason: expect.stringContaining('text') }],
		});
		for (const [lamp, place] of [
			['red', 'roof'],
			['green', 'cellar'],
		]) {
			expect((await suite.ask({ question: `Where is the ${lamp} lamp?` })).json.answer).toContain(place);
		}
	});
});

describe('files', () => {
	it('arrive as an upload of text, markdown or HTML, and are cited by name', async () => {
		const { ingest, ask } = await publishKnowledgeBase(client, 'files');
		const form = new FormData();
		form.append('one', new Blob(['The kettle is in the pantry.'], { type: 'text/plain' }), 'kettle.txt');
		form.append(
			'two',
			new Blob(['# Tools\n\nThe saw is in the shed.'], { type: 'text/markdown' }),
			'tools.md',
		);
		form.append(
			'three',
			new Blob(['<html><body><h1>Boats</h1><p>The canoe is by the lake.</p></body></html>'], {
				type: 'text/html',
			}),
			'boats.html',
		);
		const stored = await ingest(form);
		expect(stored.json).toMatchObject({ added: 3, failed: [] });
		for (const [thing, place, source] of [
			['kettle', 'pantry', 'kettle.txt'],
			['saw', 'shed', 'tools.md'],
			['canoe', 'lake', 'boats.html'],
		]) {
			const { json: answer } = await ask({ question: `Where is the ${thing}?` });
			expect(answer.answer).toContain(place);
			expect((answer.citations as Citation[])[0]?.source).toBe(source);
		}
	});
});
