// Every template in a real n8n: what one click on "Execute workflow" does with its sample, then what it is for, good and bad.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execute, fileOf, finished, type Run } from '../../support/executions';
import { sharedHost, startHost, type Host, type N8nClient } from '../../support/n8n';
import { passagesIn } from '../../support/passages';
import { startTemplateEngine, type TemplateEngine } from '../../support/templateEngine';
import { samples, waiting } from '../../support/templateSamples';
import {
	gatewayKey,
	importGallery,
	mcpToken,
	templateNames,
	triggerOf,
	type Gallery,
} from '../../support/templates';

jest.setTimeout(180_000);

const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-files-'));
let host: Host;
let client: N8nClient;
let engine: TemplateEngine;
let gallery: Gallery;

beforeAll(async () => {
	engine = await startTemplateEngine();
	const { tarball } = await sharedHost();
	host = await startHost({ tarball, env: { N8N_RESTRICT_FILE_ACCESS_TO: folder } });
	client = host.client;
	gallery = await importGallery(client, engine.url);
});
afterAll(async () => {
	await host.remove();
	await engine.close();
	rmSync(folder, { recursive: true, force: true });
});

const run = async (workflow: ReturnType<Gallery['workflow']>): Promise<Run> =>
	await execute(client, workflow.id, triggerOf(workflow).name);
const click = async (name: string): Promise<Run> => await run(gallery.workflow(name));
const json = (result: Run, node: string) => result.items(node)[0]?.json;

describe('one click on "Execute workflow"', () => {
	it('is tried for every template there is', () => {
		expect([...Object.keys(samples), ...waiting].sort()).toEqual([...templateNames].sort());
	});

	it.each(templateNames.filter((name) => !waiting.includes(name)))(
		'%s runs with its sample',
		async (name) => {
			const { node, says } = samples[name] ?? { node: '', says: {} };
			const result = await click(name);
			expect({ error: result.error, status: result.status }).toEqual({ error: undefined, status: 'success' });
			expect(json(result, node)).toMatchObject(says);
		},
	);
});

/** Whether it lists the files of a service: n8n publishes it only with a credential. sources.test.ts runs these. */
const asksAService = (name: string): boolean =>
	gallery
		.workflow(name)
		.nodes.some(
			({ type, parameters }) =>
				/\.(s3|nextCloud|googleDrive)$/.test(type) ||
				parameters.authentication === 'predefinedCredentialType',
		);

describe('published together', () => {
	it('no webhook takes the address of another', async () => {
		for (const name of templateNames) {
			const { type } = triggerOf(gallery.workflow(name));
			// A mailbox is asked when a workflow with one is published, and a service needs an account: there are none here.
			if (!/\.(manualTrigger|emailReadImap)$/.test(type) && !asksAService(name)) await gallery.publish(name);
		}
	});

	it('the knowledge base answers from what it was sent, with the place', async () => {
		const text = 'The spare key hangs behind the blue door of the workshop.';
		const stored = await client.webhook('knowledge-base/documents', {
			documents: [{ source: 'keys.md', text }],
		});
		expect(stored.json).toMatchObject({ added: 1 });
		const { json: answer } = await client.webhook('knowledge-base/ask', {
			question: 'Where is the spare key?',
		});
		expect(answer.answer).toContain('behind the blue door');
		expect(answer.citations[0]).toMatchObject({ source: 'keys.md', start: 0, text });
	});

	it('a gateway whose first engine is down answers with the second, and keeps strangers out', async () => {
		const ask = async (key: string) =>
			await client.webhook(
				'gateway/v1/chat/completions',
				{ model: 'teacher', messages: [{ role: 'user', content: 'How do I true a wheel?' }] },
				{ headers: { authorization: `Bearer ${key}` } },
			);
		expect((await ask('somebody-elses-key-0123')).status).toBe(401);
		const { status, json: answer } = await ask(gatewayKey);
		expect(status).toBe(200);
		expect(answer.choices[0].message.content).toContain('How do I true a wheel?');
	});
});

describe('documents-model', () => {
	const ask = async (question: string, more: object = {}) =>
		await fetch(`${client.url}/webhook/documents/v1/chat/completions`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', authorization: `Bearer ${gatewayKey}` },
			body: JSON.stringify({ model: 'documents', messages: [{ role: 'user', content: question }], ...more }),
		});

	it('answers a chat client from the documents, whole and as a stream, and is listed as a model', async () => {
		const whole = await ask('Where is the spare key?');
		expect([whole.status, whole.headers.get('x-engine')]).toEqual([200, 'workflow']);
		const answer = (await whole.json()) as { choices: Array<{ message: { content: string } }> };
		expect(answer.choices[0]?.message.content).toContain('behind the blue door');
		const streamed = await (await ask('Where is the spare key?', { stream: true })).text();
		expect(streamed).toContain('behind the blue door');
		expect(streamed.trimEnd().endsWith('data: [DONE]')).toBe(true);
		const models = await fetch(`${client.url}/webhook/documents/v1/models`, {
			headers: { authorization: `Bearer ${gatewayKey}` },
		});
		const { data } = (await models.json()) as { data: Array<{ id: string; owned_by: string }> };
		expect(data).toContainEqual(expect.objectContaining({ id: 'documents', owned_by: 'workflow' }));
	});

	it('names its sources, also without an engine', async () => {
		const workflow = await gallery.variant('documents-model', (node) => {
			node('Engine Gateway').parameters.path = 'documents-quoted/v1';
			delete node('Answer From Passages').credentials;
		});
		await client.publish(workflow);
		const { json: answer } = await client.webhook(
			'documents-quoted/v1/chat/completions',
			{ model: 'documents', messages: [{ role: 'user', content: 'Where is the spare key?' }] },
			{ headers: { authorization: `Bearer ${gatewayKey}` } },
		);
		expect(answer.choices[0].message.content).toMatch(/behind the blue door[\s\S]*keys\.md/);
	});

	it('tells the client which node failed, and keeps strangers out', async () => {
		const workflow = await gallery.variant('documents-model', (node) => {
			node('Engine Gateway').parameters.path = 'documents-broken/v1';
			node('Search').parameters.index = { __rl: true, mode: 'name', value: 'nobody-made-this' };
		});
		await client.publish(workflow);
		const post = async (key: string) =>
			await client.webhook(
				'documents-broken/v1/chat/completions',
				{ model: 'documents', messages: [{ role: 'user', content: 'Hello?' }] },
				{ headers: { authorization: `Bearer ${key}` } },
			);
		expect((await post('somebody-elses-key-0123')).status).toBe(401);
		const { status, json: problem } = await post(gatewayKey);
		expect([status, problem.error.code]).toEqual([502, 'workflow_failed']);
		expect(problem.error.message).toContain('"Search"');
	});
});

describe('folder-sync', () => {
	const documents = path.join(folder, 'documents');
	const put = (name: string, text: string) => {
		mkdirSync(path.dirname(path.join(documents, name)), { recursive: true });
		writeFileSync(path.join(documents, name), text);
	};
	const sync = async () => {
		const workflow = await gallery.variant('folder-sync', (node) => {
			node('Read Files').parameters.fileSelector = `${documents}/**/*.{md,txt,html}`;
			node('Mirror Into Index').parameters.index = { __rl: true, mode: 'name', value: 'mirror' };
		});
		return await run(workflow);
	};

	it('adds, replaces and removes what was added, changed and removed; an empty folder empties nothing', async () => {
		put('a.md', '# Lamps\n\nThe red lamp is on the roof.');
		put('deeper/a.md', 'The green lamp is in the cellar.');
		put('c.html', '<p>The blue lamp is by the door.</p>');
		expect(json(await sync(), 'In Step')).toMatchObject({ added: 3, failed: [] });
		put('a.md', '# Lamps\n\nThe red lamp is in the attic.');
		rmSync(path.join(documents, 'c.html'));
		expect(json(await sync(), 'In Step')).toMatchObject({ added: 0, changed: 1, unchanged: 1, removed: 1 });
		rmSync(documents, { recursive: true });
		const empty = await sync();
		expect(json(empty, 'Nothing Was Synced')).toMatchObject({ state: 'failed', kind: 'folder' });
		put('deeper/a.md', 'The green lamp is in the cellar.');
		put('a.md', '# Lamps\n\nThe red lamp is in the attic.');
		expect(json(await sync(), 'In Step')).toMatchObject({ unchanged: 2, added: 0, removed: 0 });
	});

	it('says which file could not be taken, and removes nothing then', async () => {
		rmSync(path.join(documents, 'a.md'));
		put('empty.txt', '');
		const result = await sync();
		expect(json(result, 'Some Files Failed')).toMatchObject({
			state: 'someFailed',
			removed: 0,
			failed: [{ source: 'empty.txt', reason: expect.any(String) }],
		});
	});

	it('a folder outside the allowed ones is not read', async () => {
		const workflow = await gallery.variant('folder-sync', (node) => {
			node('Read Files').parameters.fileSelector = '/etc/host*';
		});
		expect(json(await run(workflow), 'Nothing Was Synced')).toMatchObject({ state: 'failed' });
	});
});

describe('contextual-chunking', () => {
	it('a model places each chunk in its document; the text stays what the document says', async () => {
		const workflow = await gallery.variant('contextual-chunking', (node) => {
			node('Cut and Place').parameters.context = 'model';
			node('Cut and Place').credentials = { localEngineApi: gallery.engine };
		});
		await client.publish(workflow);
		const text = '# Shipping\n\nIt takes four days.\n\n# Prices\n\nIt costs 4.90 euros.';
		const before = engine.asked.length;
		const { json: report } = await client.webhook(`${workflow.id}/contextual-chunks`, {
			source: 'a.md',
			text,
		});
		expect(report).toMatchObject({ written: 2 });
		expect(engine.asked.slice(before)).toHaveLength(2);
		const { status, json: problem } = await client.webhook(`${workflow.id}/contextual-chunks`, {
			source: 'a.md',
		});
		expect([status, problem]).toEqual([
			400,
			{ error: expect.stringContaining('body.text'), kind: 'invalidInput' },
		]);
	});
});

describe('index-migration', () => {
	it('goes back to the version before when the questions do not find their documents', async () => {
		const workflow = await gallery.variant('index-migration', (node) => {
			node('Migrate').parameters.chunkSize = 300;
			node('Check Questions').parameters.jsonOutput = JSON.stringify({
				questions: [{ question: 'Where is the moon?', sources: ['moon.md'] }],
			});
		});
		const result = await run(workflow);
		const { version, previous } = json(result, 'Migrate') ?? {};
		expect(version).not.toBe(previous);
		expect(json(result, 'Rolled Back')).toEqual({ state: 'rolledBack', version: previous });
	});

	it('says what is missing when there is no such index', async () => {
		const workflow = await gallery.variant('index-migration', (node) => {
			node('Migrate').parameters.index = { __rl: true, mode: 'name', value: 'nobody-made-this' };
		});
		expect(json(await run(workflow), 'Failed')).toMatchObject({ state: 'failed', kind: 'notFound' });
	});
});

describe('retrieval-report', () => {
	it('makes a page with the figures, and tells good from worse', async () => {
		const page = await fileOf(client, (await click('retrieval-report')).items('Good')[0], 'report');
		expect(page).toMatch(/<svg[\s\S]*Meaning and keywords/);
		const workflow = await gallery.variant('retrieval-report', (node) => {
			node('Questions').parameters.jsonOutput = JSON.stringify({
				questions: [{ question: 'Where is the moon?', sources: ['moon.md'] }],
			});
		});
		const worse = await run(workflow);
		expect(json(worse, 'Worse Than Wanted')).toMatchObject({ state: 'worse' });
		expect(worse.ran).not.toContain('Good');
	});
});

describe('drift-alarm', () => {
	it('sounds when an engine has another embedding model under the same name', async () => {
		const index = { __rl: true, mode: 'name', value: 'from-engine' };
		const ingest = await gallery.variant('knowledge-base-ingest', (node) => {
			Object.assign(node('Sync Documents').parameters, { index, embedding: 'engine' });
			node('Sync Documents').credentials = { localEngineApi: gallery.engine };
		});
		await client.publish(ingest);
		await client.webhook(`${ingest.id}/knowledge-base/documents`, {
			documents: [{ source: 'a.md', text: 'The red lamp is on the roof.' }],
		});
		const check = async (credential: Gallery['engine']) =>
			await run(
				await gallery.variant('drift-alarm', (node) => {
					node('Compare Vectors').parameters.index = index;
					node('Compare Vectors').credentials = { localEngineApi: credential };
				}),
			);
		expect(json(await check(gallery.engine), 'No Drift')).toMatchObject({ state: 'same' });
		engine.replaceEmbeddingModel();
		expect(json(await check(gallery.engine), 'Alarm')).toMatchObject({
			state: 'drift',
			message: expect.stringContaining('no longer'),
		});
		expect(json(await check(gallery.down), 'Not Checked')).toMatchObject({
			state: 'failed',
			kind: 'unreachable',
		});
	});
});

describe('mail-invoices', () => {
	const rows = async () => {
		const { data: tables } = (await client.rest('GET', '/data-tables-global')) as {
			data: Array<{ id: string; name: string; projectId: string }>;
		};
		const table = tables.find(({ name }) => name === 'Invoices');
		const { data } = (await client.rest(
			'GET',
			`/projects/${table?.projectId}/data-tables/${table?.id}/rows`,
		)) as { data: Array<Record<string, unknown>> };
		return data;
	};

	it('has six nodes and no Merge; an invoice becomes a row, a question gets a draft, each mail one of both', async () => {
		const { nodes } = gallery.workflow('mail-invoices');
		expect(nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote')).toHaveLength(6);
		expect(nodes.some(({ type }) => type === 'n8n-nodes-base.merge')).toBe(false);
		const result = await click('mail-invoices');
		expect(result.items('Add to the Table')).toHaveLength(1);
		expect((await rows()).at(-1)).toMatchObject({
			...{ supplier: 'Finch Components Ltd', number: '2026-118', total: 178.5, currency: 'EUR' },
			date: expect.stringContaining('2026-03-02'),
		});
		const drafts = result.items('Draft an Answer');
		expect(drafts).toHaveLength(1);
		expect(drafts[0]?.json).toMatchObject({
			...{ subject: 'Opening hours', label: 'question' },
			text: expect.stringContaining('are you open on Saturday'),
		});
	});

	it('an invoice that cannot be read is answered with a question for it, its files still there', async () => {
		const workflow = await gallery.variant('mail-invoices', (_, { pinData = {} }) => {
			pinData['A Mail Arrives'] = [
				{
					json: { from: 'a@b.example', subject: 'Invoice', textPlain: 'You find the invoice attached.' },
					binary: { attachment_0: { data: 'R0lGODlhAQ==', mimeType: 'image/gif', fileName: 'logo.gif' } },
				},
			];
		});
		const result = await run(workflow);
		expect(result.ran).not.toContain('Add to the Table');
		const [draft] = result.items('Draft an Answer');
		expect(draft?.json.text).toContain('Ask for it as a PDF');
		expect(Object.keys(draft?.binary ?? {})).toEqual(['attachment_0']);
	});

	it('the engine is off: the run fails and says so', async () => {
		const workflow = await gallery.variant('mail-invoices', (node, { pinData = {} }) => {
			node('Sort the Mail').credentials = { localEngineApi: gallery.down };
			pinData['A Mail Arrives'] = [{ json: { subject: 'Hello', textPlain: 'Are you there?' } }];
		});
		const result = await run(workflow);
		expect([result.status, result.error]).toEqual([
			'error',
			expect.stringMatching(/does not answer|refused|reached/),
		]);
	});
});

describe('support-triage', () => {
	const send = async (text: unknown) => await client.webhook('support/tickets', { text });

	it('routes what it is sure of, with the form filled in', async () => {
		const { json: ticket } = await send('I was charged twice. Please look at the last invoice.');
		expect(ticket).toMatchObject({ state: 'routed', team: 'billing', urgency: 'normal', confidence: 1 });
	});

	it.each([
		['is in two minds', 'My parcel came without the battery.', 'unsure'],
		['finds no class', 'Do you like poetry?', 'noClassFits'],
	])('hands to a person where it %s', async (_what, text, reason) => {
		const { status, json: ticket } = await send(text);
		expect(status).toBe(200);
		expect(ticket).toMatchObject({ state: 'human', reason, ticket: { text } });
	});

	it('loses no ticket while the engine is down', async () => {
		const workflow = await gallery.variant('support-triage', (node) => {
			node('Choose a Team').credentials = { localEngineApi: gallery.down };
		});
		await client.publish(workflow);
		const text = 'My battery no longer charges.';
		const { status, json: ticket } = await client.webhook(`${workflow.id}/support/tickets`, { text });
		expect(status).toBe(200);
		expect(ticket).toMatchObject({ state: 'human', reason: 'unreachable', ticket: { text } });
	});

	it('refuses a ticket without text', async () => {
		for (const text of [undefined, '', '  ']) {
			const { status, json: problem } = await send(text);
			expect([status, problem.kind]).toEqual([400, 'invalidInput']);
		}
	});
});

describe('invoice-extraction', () => {
	const send = async (text: unknown) => await client.webhook('invoices', { text });
	const invoice = (tax: string, total: string) =>
		`Finch Ltd\nInvoice 7-1\n\n2 chains at 24.00: 48.00\n\nNet 48.00 EUR\nVAT 19 % ${tax} EUR\nTotal ${total} EUR`;

	it('accepts what adds up', async () => {
		const { json: result } = await send(invoice('9.12', '57.12'));
		expect(result).toMatchObject({
			state: 'accepted',
			invoice: { number: '7-1', lines: [{ description: 'chains', quantity: 2, amount: 48 }], total: 57.12 },
		});
	});

	it('has reviewed what does not, and what cannot be read', async () => {
		expect((await send(invoice('9.12', '75.12'))).json).toMatchObject({
			state: 'review',
			reason: 'The sums do not agree.',
			invoice: { total: 75.12 },
		});
		const asked = engine.asked.length;
		const unread = (await send('Thank you for your order!')).json;
		expect(unread).toMatchObject({ state: 'review', invoice: null, text: 'Thank you for your order!' });
		expect(unread.reason).toContain('did not keep to the schema');
		expect(engine.asked.length - asked).toBe(3);
	});

	it('refuses a call without text', async () => {
		expect(await send('')).toMatchObject({ status: 400, json: { kind: 'invalidInput' } });
	});
});

describe('distillation-teacher', () => {
	it('does not ask the teacher again what it answered before', async () => {
		const before = engine.asked.length;
		const again = await click('distillation-teacher');
		expect(again.items('Teacher Answers').map((item) => item.json.outcome)).toEqual(Array(30).fill('known'));
		const questions = engine.asked.slice(before).filter(({ messages }) => messages.length === 1);
		expect(new Set(questions.map(({ model }) => model))).toEqual(new Set(['student']));
	});
});

describe('capacity-report', () => {
	it('makes a page with a chart; an engine that is off is named, not measured', async () => {
		const result = await click('capacity-report');
		expect(await fileOf(client, result.items('Measure')[0], 'chart')).toContain('<svg');
		const off = await gallery.variant('capacity-report', (node) => {
			node('Measure').credentials = { localEngineApi: gallery.down };
		});
		expect(json(await run(off), 'Not Measured')).toMatchObject({ state: 'failed', kind: 'unreachable' });
	});
});

describe('agent-chat', () => {
	const ask = async (
		chatInput: string,
		change: Parameters<Gallery['variant']>[1] = () => undefined,
	): Promise<Run> =>
		await run(
			await gallery.variant('agent-chat', (node, workflow) => {
				change(node, workflow);
				workflow.pinData = {
					'When a Message Arrives': [{ json: { sessionId: chatInput, action: 'sendMessage', chatInput } }],
				};
			}),
		);

	it('answers with the documents that it cites', async () => {
		const result = await ask('How many days do I have to send something back?');
		expect(json(result, 'Answered')).toMatchObject({
			state: 'answered',
			output: expect.stringMatching(/30 days[\s\S]*\n\nSources:\n- \[1\] returns\.md$/),
			sources: ['[1] returns.md'],
		});
	});

	it('says so when it found no source', async () => {
		const result = await ask('What is the capital of the moon?', (node) => {
			node('Search the Knowledge Base').parameters.searchMode = 'keyword';
		});
		expect(json(result, 'Without a Source')).toEqual({
			state: 'noSource',
			output: 'The documents do not say that.\n\nThis answer has no source in the documents.',
		});
	});

	it('gives up at the bound of its steps, and is told apart from an engine that is off', async () => {
		const endless = await ask('Search for ever', (node) => {
			const { options } = node('Agent').parameters as { options: Record<string, unknown> };
			options.maxIterations = 1;
		});
		expect(json(endless, 'Gave Up')).toMatchObject({ state: 'gaveUp' });
		const off = await ask('Are you there?', (node) => {
			node('Chat Model').credentials = { localEngineApi: gallery.down };
		});
		expect(json(off, 'Failed')).toMatchObject({ state: 'failed', reason: expect.any(String) });
	});
});

describe('ab-test', () => {
	/** As many calls as there are bodies, handed to one of the template's triggers at once. */
	const calls = async (trigger: string, bodies: object[]): Promise<Run> => {
		const workflow = await gallery.variant('ab-test', (_node, changed) => {
			changed.pinData = { [trigger]: bodies.map((body) => ({ json: { body } })) };
		});
		return await execute(client, workflow.id, trigger);
	};
	const report = async () => await execute(client, gallery.workflow('ab-test').id, 'Every Morning');

	it('gives each user one prompt for good, and ends when one has won', async () => {
		expect(json(await report(), 'Goes On')).toMatchObject({ state: 'goesOn', decision: 'continue' });
		const users = Array.from({ length: 300 }, (_, number) => `user-${number}`);
		const asked = await calls(
			'A Question Arrives',
			users.map((user) => ({ user, question: `How do I true a wheel, asks ${user}?` })),
		);
		const variants = asked.items('Text and Variant').map((item) => item.json.variant);
		expect(new Set(variants)).toEqual(new Set(['short', 'friendly']));
		// Several are asked at once, so that the engine sees them in another order: each is found by its question.
		const prompts = users.map(
			(user) =>
				engine.asked.find(({ messages }) => messages.at(-1)?.content?.includes(`asks ${user}?`))?.messages[0]
					?.content,
		);
		const sent = prompts.map((prompt) => (prompt === 'Answer in one sentence.' ? 'short' : 'friendly'));
		expect(sent).toEqual(variants);
		await calls(
			'An Outcome Arrives',
			// four of five are helped by the friendly prompt, two of five by the short one
			users.map((user, i) => ({
				user,
				solved: i % 5 < (variants[i] === 'friendly' ? 4 : 2),
				seconds: 3 + (i % 3),
			})),
		);
		const loser = users[variants.indexOf('short')];
		const ask = async () =>
			(await client.webhook('ab-test/ask', { user: loser, question: 'And again?' })).json.variant;
		expect(await ask()).toBe('short');
		const ended = await report();
		expect(json(ended, 'Report')).toMatchObject({ decision: 'winner', winner: 'friendly' });
		expect(await fileOf(client, ended.items('Report')[0], 'page')).toContain('<svg');
		expect(json(ended, 'Winner for Everybody')).toEqual({ state: 'winner', winner: 'friendly' });
		expect(await ask()).toBe('friendly');
	});

	it('refuses a question without a user', async () => {
		expect(await client.webhook('ab-test/ask', { question: 'Who am I?' })).toMatchObject({
			status: 400,
			json: { kind: 'invalidInput' },
		});
	});
});

describe('mcp-search', () => {
	const connect = async (token: string) => {
		const mcp = new Client({ name: 'test', version: '1.0.0' });
		const headers = { authorization: `Bearer ${token}` };
		await mcp.connect(
			new StreamableHTTPClientTransport(new URL(`${host.url}/mcp/documents`), { requestInit: { headers } }),
		);
		return mcp;
	};

	it('a client with the token lists one tool and gets numbered passages; others are kept out', async () => {
		await expect(connect('somebody-elses-token')).rejects.toThrow(/Authorization data is wrong/);
		const mcp = await connect(mcpToken);
		const { tools } = await mcp.listTools();
		expect(tools.map(({ name }) => name)).toEqual(['Search_Documents']);
		const { content } = await mcp.callTool({
			name: 'Search_Documents',
			arguments: { question: 'Who pays the postage for clothing?' },
		});
		expect(passagesIn((content as Array<{ text: string }>)[0]?.text ?? '')[0]).toMatchObject({
			number: 1,
			source: 'returns.md',
			text: expect.stringContaining('We pay the postage'),
		});
		await mcp.close();
	});
});

describe('engine-gateway', () => {
	it('a published gateway starts the flow with what became of each call', async () => {
		// one that is known to be away would not be tried
		const fresh = await gallery.newFailover();
		const workflow = await gallery.variant('engine-gateway', (node) => {
			node('Engine Gateway').parameters.path = 'kept/v1';
			node('Engine Gateway').credentials = { ...node('Engine Gateway').credentials, localEngineApi: fresh };
		});
		await client.rest('PATCH', `/workflows/${workflow.id}`, {
			versionId: workflow.versionId,
			settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all' },
		});
		const { versionId } = (await client.rest('GET', `/workflows/${workflow.id}`)) as { versionId: string };
		await client.publish({ id: workflow.id, versionId });
		const headers = { authorization: `Bearer ${gatewayKey}` };
		const messages = [{ role: 'user', content: 'How high should the saddle be?' }];
		const answer = await client.webhook(
			'kept/v1/chat/completions',
			{ model: 'teacher', messages },
			{ headers },
		);
		expect(answer.status).toBe(200);
		let executions: Array<{ id: string }> = [];
		for (const deadline = Date.now() + 30_000; executions.length === 0 && Date.now() < deadline; )
			executions = await client.executions(workflow.id);
		const result = await finished(client, executions[0]?.id ?? '');
		expect(json(result, 'Answered by Another Engine')).toMatchObject({
			state: 'anotherEngine',
			tried: expect.stringMatching(/^127\.0\.0\.1:19: unreachable, 127\.0\.0\.1:\d+: ok$/),
		});
	});
});
