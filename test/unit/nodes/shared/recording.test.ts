import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { preferences, recordStore, toFeedback } from '../../../../lib/distillation';
import type { ChatResult } from '../../../../lib/engine';
import { recordFields } from '../../../../nodes/shared/fields/recordFields';
import { exchangeRecorder } from '../../../../nodes/shared/runtime/recording';
import type { Run } from '../../../../nodes/shared/runtime/run';
import type { NodeItem } from '../../../../nodes/shared/runtime/nodeItem';
import { runOf } from '../../../support/operation';

let folder: string;
const before = process.env.N8N_USER_FOLDER;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'recording-'));
	process.env.N8N_USER_FOLDER = folder;
});
afterEach(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(folder, { recursive: true, force: true });
});

const result: ChatResult = {
	text: 'It opened in 1937.',
	reasoning: 'The bridge …',
	toolCalls: [],
	engine: '127.0.0.1:8080',
	model: 'teacher',
	dialect: 'openai',
	finishReason: 'stop',
	usage: { promptTokens: 20, completionTokens: 6 },
	timings: { queueMs: 0, firstTokenMs: 12, totalMs: 90 },
	attempts: [],
};
const ask = (content: string) => [{ role: 'user' as const, content }];
const database = () => path.join(folder, '.n8n', 'local-engine', 'distillation', 'chats.sqlite');

const credential = {
	dialect: 'openai',
	baseUrl: 'http://user:url-password-1@127.0.0.1:8080',
	apiKey: 'plain-looking-key',
	headers: { values: [{ name: 'X-Tenant', value: 'Tenant house-secret-42' }] },
	furtherEngines: {
		engines: [{ dialect: 'openai', baseUrl: 'http://127.0.0.1:1', apiKey: 'second-engine-key' }],
	},
};

function contextWith(
	parameters: object,
	json: object = { sessionId: 's1' },
	postgres?: object,
): { context: Run['context']; item: NodeItem; hints: string[]; logged: string[] } {
	const [hints, logged]: [string[], string[]] = [[], []];
	const run = runOf(recordFields, {
		parameters: { record: true, recordBackend: 'sqlite', collection: 'chats', ...parameters },
		items: [{ json: json as never }],
		node: { name: 'Chat', credentials: { localEngineApi: { id: '1', name: 'engine' } } },
		hints,
		credentials: (type) => (type === 'postgres' ? (postgres ?? {}) : credential),
	});
	const { context } = run;
	Object.assign(context, {
		getWorkflow: () => ({ id: 'wf1' }),
		getExecutionId: () => '77',
	});
	Object.assign(context.logger, { warn: (message: string) => logged.push(message) });
	return { context, item: run.item(0), hints, logged };
}

test('nothing is kept unless it is asked for', async () => {
	const { context, item } = contextWith({ record: false });
	expect(await exchangeRecorder(context)(item, { messages: ask('When?'), result })).toEqual({});
	expect(existsSync(database())).toBe(false);
});

test('the record holds the exchange and where it comes from; a correction by its ID becomes a preference pair', async () => {
	const { context, item, hints } = contextWith({
		recordOptions: { licence: 'apache-2.0', conversationField: 'sessionId' },
	});
	const record = exchangeRecorder(context);
	const exchange = {
		messages: ask('When did it open?'),
		result,
		labels: { task: 'chat' },
		scores: { confidence: 0.9 },
		source: 'bridges.md',
	};
	const [first, second] = [await record(item, exchange), await record(item, exchange)];
	expect(hints).toEqual([]);
	const store = await recordStore({ backend: 'sqlite', file: database() });
	// The same exchange twice is two exchanges: each can get feedback of its own.
	expect(await store.count()).toMatchObject({ records: 2 });
	expect(first.record).not.toBe(second.record);
	await store.addFeedback([toFeedback({ record: first.record, correction: 'On 27 May 1937.' })]);
	const kept = await store.get(first.record ?? '');
	await store.close();
	expect(kept).toMatchObject({
		messages: [{ role: 'user', content: 'When did it open?' }],
		usage: { promptTokens: 20, completionTokens: 6 },
		latencyMs: 90,
		engine: '127.0.0.1:8080',
		model: 'teacher',
		licence: 'apache-2.0',
		conversation: 's1',
		source: 'bridges.md',
		labels: { task: 'chat' },
		scores: { confidence: 0.9 },
		lineage: { workflow: 'wf1', node: 'Chat', execution: '77', item: 0 },
	});
	expect(kept?.answers[1]).toMatchObject({
		content: 'It opened in 1937.',
		reasoning: 'The bridge …',
		finishReason: 'stop',
	});
	expect(kept && preferences(kept)).toMatchObject([
		{ chosen: { content: 'On 27 May 1937.' }, rejected: { content: 'It opened in 1937.' } },
	]);
});

test('no key of the credential, no header and no token of a webhook reaches the file', async () => {
	const { context, item } = contextWith({});
	const webhook = { headers: { authorization: 'Bearer caller-token-99', cookie: 'session=abcdef123456' } };
	const spoken = `Echo: plain-looking-key, second-engine-key, house-secret-42, url-password-1`;
	const { record } = await exchangeRecorder(context)(item, {
		messages: ask(`${JSON.stringify(webhook)} ${spoken}`),
		result: { ...result, text: spoken, reasoning: spoken },
	});
	expect(record).toBeDefined();
	const bytes = readdirSync(path.dirname(database()))
		.map((name) => readFileSync(path.join(path.dirname(database()), name), 'latin1'))
		.join('');
	expect(bytes).toContain('[secret]');
	for (const secret of [
		'plain-looking-key',
		'second-engine-key',
		'house-secret-42',
		'url-password-1',
		'caller-token-99',
		'abcdef123456',
	])
		expect(bytes).not.toContain(secret);
});

test('what cannot be kept is told in the item, the log and one hint, and nothing is thrown', async () => {
	const { context, item, hints, logged } = contextWith({});
	const record = exchangeRecorder(context);
	const image = { type: 'image' as const, data: 'AAAA', mediaType: 'image/png' };
	const exchange = { messages: [{ role: 'user' as const, content: [image] }], result };
	const [first, second] = [await record(item, exchange), await record(item, exchange)];
	expect(first.recordWarning).toContain('"image" cannot be kept');
	expect(second.recordWarning).toBe(first.recordWarning);
	expect(hints).toEqual([first.recordWarning]);
	expect(logged).toHaveLength(2);
	// A bad one does not stop the good ones.
	expect((await record(item, { messages: ask('Hi'), result })).record).toBeDefined();
});

test.each([
	['a wrong name of the collection', { collection: '../x' }, 'may hold lower-case letters'],
	['a folder that cannot be made', {}, 'cannot be made'],
])('%s does not cost the answer', async (_, parameters, message) => {
	writeFileSync(path.join(folder, '.n8n'), 'a file where the folder should be');
	const { context, item } = contextWith(parameters);
	const recorded = await exchangeRecorder(context)(item, { messages: ask('Hi'), result });
	expect(recorded.record).toBeUndefined();
	expect(recorded.recordWarning).toContain(message);
});

test('a store that never answers holds the item for a bounded time', async () => {
	const open: Socket[] = [];
	const silent = createServer((socket) => open.push(socket));
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	const address = silent.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const { context, item } = contextWith(
		{ recordBackend: 'postgres' },
		{},
		{ host: '127.0.0.1', port, user: 'u', password: 'p' },
	);
	const recorded = await exchangeRecorder(context, { maxWaitMs: 50 })(item, { messages: ask('Hi'), result });
	expect(recorded.recordWarning).toContain('did not answer within 0.05 s');
	for (const socket of open) socket.destroy();
	silent.close();
});

test('collections named by an expression do not open without end', async () => {
	const open: Socket[] = [];
	const silent = createServer((socket) => open.push(socket));
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	const address = silent.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const server = { host: '127.0.0.1', port, user: 'u', password: 'p' };
	const warnings: string[] = [];
	for (let tenant = 0; tenant <= 64; tenant++) {
		const { context, item } = contextWith(
			{ recordBackend: 'postgres', collection: `tenant_${tenant}` },
			{},
			server,
		);
		const recorded = await exchangeRecorder(context, { maxWaitMs: 1 })(item, { messages: ask('Hi'), result });
		warnings.push(recorded.recordWarning ?? '');
	}
	expect(warnings[0]).toContain('did not answer');
	expect(warnings.at(-1)).toContain('64 collections of records are open');
	for (const socket of open) socket.destroy();
	silent.close();
});
