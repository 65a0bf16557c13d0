// Updating in the editor while callers ask and store: n8n moves the files away, fills a new folder and loads the new code.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../host/ports.cjs';
import { publishGateway } from './gateway/support';
import { install, installed, packVersion, uninstall, update } from '../support/installer';
import { publishKnowledgeBase, sharedHost, startHost, type Host, type N8nClient } from '../support/n8n';
import { startRegistry, withVersion, type TestRegistry } from '../support/registry';

jest.setTimeout(900_000);

const fact = 'The spare key hangs behind the blue door.';
const question = 'Where does the spare key hang?';
type Answer = Awaited<ReturnType<N8nClient['webhook']>>;

/** Each release of these tests says its version to who has no key. */
function sayVersion(files: string, version: string): void {
	const file = path.join(files, 'dist/lib/gateway/keys.js');
	const code = readFileSync(file, 'utf8');
	const changed = code.replace('This gateway needs an API key', `Gateway ${version} needs an API key`);
	expect(changed).not.toBe(code);
	writeFileSync(file, changed);
}

/** Processes that the pack has started in this n8n. */
function processesOf(n8n: number): number[] {
	const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
	return lines
		.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
		.filter(([, , parent, command]) => Number(parent) === n8n && /n8n-nodes-local-engine/.test(command ?? ''))
		.map(([, pid]) => Number(pid));
}

/** Waits until it holds; what n8n's unloading ends is ended within seconds, long before it would be idle. */
async function soon(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (!(await holds())) {
		if (Date.now() > deadline) throw new Error(`Not after 30 s: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

describe('an update while the nodes work', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-releases-'));
	let registry: TestRegistry;
	let host: Host;
	let knowledge: Awaited<ReturnType<typeof publishKnowledgeBase>>;
	let gateway: Awaited<ReturnType<typeof publishGateway>>;
	let port: number;
	let stored = 0;

	const publish = async (version?: string) => {
		const { tarball } = await sharedHost();
		const changed = (to: string) => withVersion(tarball, to, folder, (files) => sayVersion(files, to));
		registry.publish(version === undefined ? tarball : changed(version));
		// Packing blocks this process for seconds: n8n has closed idle connections meanwhile, which must be noticed before the next call.
		await new Promise((resolve) => setTimeout(resolve, 200));
	};
	const ask = async () => await knowledge.ask({ question });
	const store = async () => {
		const documents = [{ source: `note-${stored++}.md`, text: `Note ${stored} of the day.` }];
		return await knowledge.ingest({ documents });
	};

	/** What the gateway on its own port says to who has no key; undefined where nothing listens. */
	async function gatewaySays(): Promise<string | undefined> {
		const answer = await fetch(`http://127.0.0.1:${port}/v1/models`).catch(() => undefined);
		return await answer?.text();
	}

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
		port = await freePort();
		gateway = await publishGateway(host.client, 'update', [], { serveAt: 'port', port, exchanges: 'none' });
		expect(await gatewaySays()).toContain('Gateway 0.0.8 needs');
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
		const before = processesOf(host.pid());
		const { asked, sent } = await callWhile(update(host.client));
		const name = version === undefined ? 'This gateway' : `Gateway ${version}`;
		await soon(async () => (await gatewaySays())?.includes(`${name} needs`) === true, `${name} on its port`);
		await soon(
			() => !processesOf(host.pid()).some((pid) => before.includes(pid)),
			'the processes of the old version ended',
		);
		expectRightOrExplained(asked, knows);
		expectRightOrExplained(sent, took);
		await expectAllRight();
		expect(await installed(host.client)).toMatchObject([{ installedVersion: version ?? packVersion }]);
	});

	test('processes were running, and the gateway that went on can be stopped', async () => {
		expect(processesOf(host.pid())).not.toEqual([]);
		await gateway.stop();
		await soon(async () => (await gatewaySays()) === undefined, 'the port is closed');
	});

	test('and after a restart', async () => {
		await host.restart();
		await expectAllRight();
	});

	test('when the pack is removed, its port and its processes end', async () => {
		port = await freePort();
		await publishGateway(host.client, 'removal', [], { serveAt: 'port', port, exchanges: 'none' });
		expect(await gatewaySays()).toContain('needs an API key');
		await expectAllRight();
		expect(processesOf(host.pid())).not.toEqual([]);
		await uninstall(host.client);
		await soon(async () => (await gatewaySays()) === undefined, 'the port is closed');
		await soon(() => processesOf(host.pid()).length === 0, 'the processes ended');
	});
});
