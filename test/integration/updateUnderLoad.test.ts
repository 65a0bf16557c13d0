// Updating in the editor while callers ask and store: n8n moves the files away, fills a new folder and loads the new code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { install, installed, packVersion, update } from '../support/installer';
import { publishKnowledgeBase, sharedHost, startHost, type Host, type N8nClient } from '../support/n8n';
import { startRegistry, withVersion, type TestRegistry } from '../support/registry';

jest.setTimeout(900_000);

const fact = 'The spare key hangs behind the blue door.';
const question = 'Where does the spare key hang?';
type Answer = Awaited<ReturnType<N8nClient['webhook']>>;

describe('an update while the nodes work', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-releases-'));
	let registry: TestRegistry;
	let host: Host;
	let knowledge: Awaited<ReturnType<typeof publishKnowledgeBase>>;
	let stored = 0;

	const publish = async (version?: string) => {
		const { tarball } = await sharedHost();
		registry.publish(version === undefined ? tarball : withVersion(tarball, version, folder));
		// Packing blocks this process for seconds: n8n has closed idle connections meanwhile, which must be noticed before the next call.
		await new Promise((resolve) => setTimeout(resolve, 200));
	};
	const ask = async () => await knowledge.ask({ question });
	const store = async () => {
		const documents = [{ source: `note-${stored++}.md`, text: `Note ${stored} of the day.` }];
		return await knowledge.ingest({ documents });
	};

	/** Calls until `done`, two callers at once; resolves to all answers. */
	async function callWhile(done: Promise<unknown>): Promise<{ asked: Answer[]; sent: Answer[] }> {
		let over = false;
		void done.finally(() => (over = true)).catch(() => undefined);
		const repeat = async (call: () => Promise<Answer>) => {
			const answers: Answer[] = [];
			while (!over) {
				answers.push(await call());
				await new Promise((resolve) => setTimeout(resolve, 300));
			}
			return answers;
		};
		const [asked, sent] = await Promise.all([repeat(ask), repeat(store)]);
		await done;
		return { asked, sent };
	}

	/** Right, or a failure that says what to do. n8n itself has no nodes for a moment, and says so. */
	function expectRightOrExplained(answers: readonly Answer[], isRight: (answer: Answer) => boolean) {
		const others = answers.filter((answer) => !isRight(answer)).map(({ status, text }) => ({ status, text }));
		console.log(`${answers.length - others.length} of ${answers.length} right`, [
			...new Set(others.map(({ text }) => text)),
		]);
		for (const { status, text } of others) {
			expect(text).toMatch(/Try again|restart n8n|Unrecognized node type|Error in workflow/);
			expect(status).toBeGreaterThanOrEqual(500);
		}
	}

	const knows = ({ json }: Answer) =>
		json?.found === true && json.citations?.[0]?.text?.includes('blue door');
	const took = ({ json }: Answer) => json?.added === 1 && json.failed?.length === 0;

	async function expectAllRight() {
		for (let call = 0; call < 3; call++) {
			expect((await ask()).json).toMatchObject({ found: true, citations: [{ source: 'keys.md', start: 0 }] });
			expect((await store()).json).toMatchObject({ added: 1, failed: [] });
		}
	}

	beforeAll(async () => {
		registry = await startRegistry();
		host = await startHost({ withoutPack: true, env: registry.env });
		await publish('0.0.8');
		await install(host.client);
		knowledge = await publishKnowledgeBase(host.client, 'load');
		expect((await knowledge.ingest({ documents: [{ source: 'keys.md', text: fact }] })).json).toMatchObject({
			added: 1,
		});
		// from here on nothing of the index is loaded
		await host.restart();
	});

	afterAll(async () => {
		await host?.remove();
		await registry?.close();
		rmSync(folder, { recursive: true, force: true });
	});

	test.each([
		['the index is used for the first time meanwhile', '0.0.9'],
		['everything was in use before', undefined],
	])('%s: no wrong answer, and all is right without a restart', async (_, version) => {
		await publish(version);
		const { asked, sent } = await callWhile(update(host.client));
		expectRightOrExplained(asked, knows);
		expectRightOrExplained(sent, took);
		await expectAllRight();
		expect(await installed(host.client)).toMatchObject([{ installedVersion: version ?? packVersion }]);
	});

	test('and after it', async () => {
		await host.restart();
		await expectAllRight();
	});
});
