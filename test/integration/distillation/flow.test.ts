// The templates in a real n8n: chats through the gateway are recorded, feedback joins, the nightly set is built; a kill changes nothing.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sharedHost, startHost, template, type Host, type WorkflowNode } from '../../support/n8n';
import { engineCredential, startScriptedEngine, type Asked, type ScriptedEngine } from './scriptedEngine';

jest.setTimeout(240_000);

const KEY = 'integration-test-key-0123456789';
let host: Host;
let engine: ScriptedEngine;

/** Every question has an answer with words of its own; the thirteenth is declined. */
function answer({ messages }: Asked): string {
	const number = Number(/\d+/.exec(messages.at(-1)?.content ?? '')?.[0] ?? 0);
	return number === 13
		? 'I’m sorry, but I can’t help with that.'
		: Array.from({ length: 12 }, (_, word) => `word${number * 12 + word}`).join(' ');
}

beforeAll(async () => {
	engine = await startScriptedEngine(answer);
	const { tarball } = await sharedHost();
	host = await startHost({ tarball });
});
afterAll(async () => {
	engine.stop();
	await host.remove();
});

const change = (nodes: WorkflowNode[], name: string, edit: (node: WorkflowNode) => void) => {
	const node = nodes.find((candidate) => candidate.name === name);
	if (node === undefined) throw new Error(`The template has no node "${name}"`);
	edit(node);
};

/** The nightly template with a webhook in the place of the clock. */
function nightlyOnCall() {
	const workflow = template('distillation-nightly');
	change(workflow.nodes, 'Every Night', (node) => {
		node.type = 'n8n-nodes-base.webhook';
		Object.assign(node, {
			typeVersion: 2.1,
			webhookId: 'nightly',
			parameters: { httpMethod: 'POST', path: 'nightly', responseMode: 'lastNode', options: {} },
		});
	});
	return workflow;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
	for (const deadline = Date.now() + 60_000; ; ) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > deadline) throw new Error('It did not happen within a minute');
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
}

test('gateway → record → feedback → nightly data set, and the same set after a kill', async () => {
	const { client } = host;
	const local = await client.createCredential(engineCredential(engine.url));
	const keys = await client.createCredential({
		name: 'keys',
		type: 'engineGatewayApi',
		data: { keys: { values: [{ name: 'crm', key: KEY, maxConcurrency: 0, requestsPerMinute: 0 }] } },
	});
	const record = template('distillation-record');
	change(record.nodes, 'Engine Gateway', (node) => {
		node.credentials = {
			localEngineApi: { id: local.id, name: 'engine' },
			engineGatewayApi: { id: keys.id, name: 'keys' },
		};
		node.parameters.batchSize = 10;
		node.parameters.batchSeconds = 1;
	});
	await client.importAndPublish(record);
	await client.importAndPublish(template('distillation-feedback'));
	await client.importAndPublish(nightlyOnCall());

	const ids: string[] = [];
	for (let number = 1; number <= 24; number++) {
		const { status, json } = await client.webhook(
			'v1/chat/completions',
			{
				model: 'teacher',
				messages: [{ role: 'user', content: `Question ${number}? My mail is me${number}@firma.de` }],
			},
			{ headers: { authorization: `Bearer ${KEY}` } },
		);
		expect(status).toBe(200);
		ids.push(json.id);
	}
	const corrected = await client.webhook('distillation/feedback', {
		record: ids[0],
		correction: 'What it should have been.',
	});
	expect(corrected.json).toMatchObject({ record: ids[0], added: true });
	expect((await client.webhook('distillation/feedback', { thumb: 'up' })).status).toBe(400);

	const built = await until(async () => {
		const { json } = await client.webhook('nightly', {});
		return json?.funnel?.input === 24 ? json : undefined;
	});
	// One refusal is left out; the other 23 are there, with the mail addresses replaced.
	expect(built).toMatchObject({ rows: 23, funnel: { input: 24, kept: 23 }, rejected: [{ gate: 'refusal' }] });
	const folder = path.join(host.home, '.n8n', 'local-engine', 'distillation', 'data-sets', 'exchanges');
	const text = (name: string) => readFileSync(path.join(folder, name), 'utf8');
	const rows = built.files.map((file: { path: string }) => text(file.path)).join('');
	expect(rows).toContain('My mail is [email]');
	expect(rows).toContain('What it should have been.');
	const everything = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
		.join('');
	for (const secret of [KEY, 'sk-engine-secret', '@firma.de']) expect(everything).not.toContain(secret);

	// Killed while it builds; what stands is the whole set of before, and building again gives the same files.
	const hashes = (json: { files: Array<{ sha256: string }> }) => json.files.map((file) => file.sha256);
	const building = client.webhook('nightly', {}).catch(() => undefined);
	await new Promise((resolve) => setTimeout(resolve, 30));
	await host.kill();
	await building;
	expect(hashes(JSON.parse(text('manifest.json')))).toEqual(hashes(built));
	await host.restart();
	const again = await until(
		async () =>
			(await client.webhook('nightly', {}).catch(() => undefined))?.json?.funnel &&
			(await client.webhook('nightly', {})).json,
	);
	expect(hashes(again)).toEqual(hashes(built));
	expect(hashes(JSON.parse(text('manifest.json')))).toEqual(hashes(built));
});
