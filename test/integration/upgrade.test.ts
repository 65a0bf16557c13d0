// Updating in the editor: flows, credentials, indexes and records made with an earlier version go on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { install, installed, nodeTypes, offered, packVersion, update } from '../support/installer';
import { publishKnowledgeBase, sharedHost, startHost, type Host } from '../support/n8n';
import { startRegistry, withVersion, type TestRegistry } from '../support/registry';

jest.setTimeout(600_000);

const earlier = '0.0.9';
const documents = [
	{ source: 'keys.md', text: 'The spare key hangs behind the blue door.' },
	{ source: 'soup.md', text: 'The canteen serves soup on Mondays.' },
];
const question = 'Where does the spare key hang?';

describe('an update through n8n’s own installer', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-earlier-'));
	let registry: TestRegistry;
	let host: Host;
	let knowledge: Awaited<ReturnType<typeof publishKnowledgeBase>>;

	beforeAll(async () => {
		registry = await startRegistry();
		registry.publish(withVersion((await sharedHost()).tarball, earlier, folder));
		host = await startHost({ withoutPack: true, env: registry.env });
		await install(host.client);
		knowledge = await publishKnowledgeBase(host.client, 'upgrade');
	});

	afterAll(async () => {
		await host?.remove();
		await registry?.close();
		rmSync(folder, { recursive: true, force: true });
	});

	test('keeps published flows, credentials and what they stored', async () => {
		const { client } = host;
		expect(await installed(client)).toMatchObject([{ installedVersion: earlier, failedLoading: false }]);
		expect((await knowledge.ingest({ documents })).json).toMatchObject({ added: 2 });
		const before = await knowledge.ask({ question });
		expect(before.json).toMatchObject({ found: true, citations: [{ source: 'keys.md', start: 0 }] });
		const credential = await client.createCredential({
			name: 'Engines',
			type: 'localEngineApi',
			data: { dialect: 'openai', baseUrl: 'http://127.0.0.1:9', apiKey: 'secret-of-before' },
		});

		registry.publish((await sharedHost()).tarball);
		expect(await installed(client)).toMatchObject([{ updateAvailable: packVersion }]);
		expect(await update(client)).toMatchObject({ installedVersion: packVersion });
		expect(await offered(client)).toEqual(expect.arrayContaining(nodeTypes));

		const check = async () => {
			const answer = await knowledge.ask({ question });
			expect(answer.json).toMatchObject({ answer: before.json.answer, citations: before.json.citations });
			// the same documents again: the manifest of before is understood, nothing is written twice
			expect((await knowledge.ingest({ documents })).json).toMatchObject({ added: 0, unchanged: 2 });
			expect(await client.rest('GET', `/credentials/${credential.id}?includeData=true`)).toMatchObject({
				data: { dialect: 'openai', baseUrl: 'http://127.0.0.1:9' },
			});
		};
		await check();
		await host.restart();
		await check();
		expect(await installed(client)).toMatchObject([{ installedVersion: packVersion, failedLoading: false }]);
	});

	test('an update that cannot be had leaves the version that works', async () => {
		const { client } = host;
		await expect(
			client.rest('PATCH', '/community-packages', { name: 'n8n-nodes-local-engine', version: '9.9.9' }),
		).rejects.toThrow(/answered [45]\d\d/);
		expect(await installed(client)).toMatchObject([{ installedVersion: packVersion, failedLoading: false }]);
		expect((await knowledge.ask({ question })).json).toMatchObject({ found: true });
	});
});
