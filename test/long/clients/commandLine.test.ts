// Codex CLI, Claude Code and opencode do a whole task through the gateway: they read what they are told, run a command as a tool
// and say that it is done. Their prompts are too long for a small model on two cores, so the engine behind the gateway replays
// the answers of a model; everything between client and engine is real.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EnginePool } from '../../../lib/engine';
import { listen, type Exchange } from '../../../lib/gateway';
import { startChatEngine, type ChatEngine } from '../../support/chatEngine';
import { CLIENTS } from '../../support/clients/table';

jest.setTimeout(180_000);

const key = 'command-line-key-0123456789';
const DONE = 'The file made.txt is written.';
const COMMAND = 'echo hello > made.txt';

interface Task {
	/** The tool that runs a command, and what it is called with. */
	readonly tool: string;
	readonly arguments: Record<string, unknown>;
	readonly program: string;
	readonly args: readonly string[];
	readonly env: (origin: string, home: string) => Record<string, string>;
	/** Files of its settings, below the home (~) or the folder of the task. */
	readonly settings?: (origin: string) => { readonly [file: string]: string };
	readonly api: string;
}

const PROMPT = 'Write hello to made.txt';

const TASKS: { readonly [id in 'codex' | 'claudeCode' | 'opencode']: Task } = {
	codex: {
		tool: 'exec_command',
		arguments: { cmd: COMMAND },
		program: 'codex',
		args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', PROMPT],
		env: (_, home) => ({ CODEX_HOME: path.join(home, '.codex'), GATEWAY_KEY: key }),
		settings: (origin) => ({
			'~/.codex/config.toml': `model = "scripted"
model_provider = "gateway"

[model_providers.gateway]
name = "Gateway"
base_url = "${origin}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
`,
		}),
		api: 'responses',
	},
	claudeCode: {
		tool: 'Bash',
		arguments: { command: COMMAND, description: 'Writes the file' },
		program: 'claude',
		args: ['-p', PROMPT, '--allowedTools', 'Bash'],
		env: (origin, home) => ({
			CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
			ANTHROPIC_BASE_URL: origin,
			ANTHROPIC_AUTH_TOKEN: key,
			ANTHROPIC_MODEL: 'scripted',
			ANTHROPIC_DEFAULT_HAIKU_MODEL: 'scripted',
			CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
		}),
		api: 'messages',
	},
	opencode: {
		tool: 'bash',
		arguments: { command: COMMAND, description: 'Writes the file' },
		program: 'opencode',
		args: ['run', '-m', 'gateway/scripted', PROMPT],
		env: () => ({ GATEWAY_KEY: key }),
		settings: (origin) => ({
			'opencode.json': JSON.stringify({
				provider: {
					gateway: {
						npm: '@ai-sdk/openai-compatible',
						name: 'Gateway',
						options: { baseURL: `${origin}/v1`, apiKey: '{env:GATEWAY_KEY}' },
						models: { scripted: { name: 'Scripted' } },
					},
				},
				permission: { bash: 'allow' },
				autoupdate: false,
			}),
		}),
		api: 'chat',
	},
};

let engine: ChatEngine;
let home: string;
let folder: string;
beforeEach(async () => {
	home = await mkdtemp(path.join(tmpdir(), 'clients-home-'));
	folder = await mkdtemp(path.join(tmpdir(), 'clients-task-'));
});
afterEach(async () => {
	await engine.close();
	await Promise.all([home, folder].map((made) => rm(made, { recursive: true, force: true })));
});

const cases = (['codex', 'claudeCode', 'opencode'] as const).map(
	(id) => [CLIENTS[id].name, TASKS[id]] as const,
);

it.each(cases)('%s does a task with a tool', async (_, task) => {
	engine = await startChatEngine(({ messages, tools }) => {
		const heard = messages.some(({ role }) => role === 'tool');
		return heard || !tools?.length ? DONE : { tool: task.tool, arguments: task.arguments };
	});
	const exchanges: Exchange[] = [];
	const pool = new EnginePool([{ name: 'replayed', dialect: 'openai', baseUrl: engine.url }]);
	const gateway = await listen(
		{
			engines: pool,
			keys: [{ name: 'clients', key }],
			onExchange: (exchange) => exchanges.push(exchange),
		},
		{ port: 0 },
	);
	try {
		const origin = `http://127.0.0.1:${gateway.port}`;
		for (const [file, text] of Object.entries(task.settings?.(origin) ?? {})) {
			const target = file.startsWith('~/') ? path.join(home, file.slice(2)) : path.join(folder, file);
			await mkdir(path.dirname(target), { recursive: true });
			await writeFile(target, text);
		}
		const said = await run(task, task.env(origin, home));
		expect(said).toContain(DONE);
		expect(await readFile(path.join(folder, 'made.txt'), 'utf8')).toBe('hello\n');
		expect(exchanges.map(({ api, status, streamed }) => [api, status, streamed])).toEqual(
			exchanges.map(() => [task.api, 200, true]),
		);
		const told = engine.asked.at(-1)?.messages ?? [];
		expect(told.some(({ tool_calls: calls }) => calls?.[0]?.function.name === task.tool)).toBe(true);
	} finally {
		await gateway.close(0);
		await pool.close();
	}
});

/** What the program wrote; it ends by itself or after two minutes. */
function run({ program, args }: Task, env: Record<string, string>): Promise<string> {
	const file = path.join(process.env.LOCAL_ENGINE_CLI ?? '', program);
	const { PATH = '', LANG = 'C.UTF-8' } = process.env;
	const child = spawn(file, args, {
		cwd: folder,
		env: { PATH, LANG, HOME: home, USERPROFILE: home, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: 120_000,
		shell: process.platform === 'win32',
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (part: Buffer) => (output = (output + part.toString()).slice(-20_000)));
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => {
			if (code === 0) resolve(output);
			else reject(new Error(`${program} ended with ${code ?? 'a signal'}:\n${output}`));
		});
	});
}
