// Which client does what through the gateway, and where that is tested. The conformance tests must run exactly these calls;
// `npm run docs:clients` writes the table in docs/guides/clients.md from it.

export const CALLS = ['chat', 'stream', 'tools', 'schema', 'embeddings', 'errors', 'abort'] as const;
export type Call = (typeof CALLS)[number];

/** `test`: runs in `npm test`. `clients`: runs in `npm test -- clients`. `n8n`: in `npm test`, in a real n8n. */
export type Where = 'test' | 'clients' | 'n8n';

export interface Client {
	readonly name: string;
	/** What it asks for a chat. */
	readonly api: 'chat completions' | 'Responses' | 'Messages';
	/** Heading of its section in docs/guides/clients.md, as a link. */
	readonly anchor: string;
	/** Absent: its setup is documented, and nobody has run it here. */
	readonly where?: Where;
	readonly calls: readonly Call[];
}

const ALL: readonly Call[] = CALLS;
const NO_EMBEDDINGS: readonly Call[] = CALLS.filter((call) => call !== 'embeddings');
const TASK: readonly Call[] = ['chat', 'stream', 'tools'];

export const CLIENTS = {
	openaiNode: {
		name: 'openai (Node.js)',
		api: 'chat completions',
		anchor: 'openai',
		where: 'test',
		calls: ALL,
	},
	openaiNodeResponses: {
		name: 'openai (Node.js)',
		api: 'Responses',
		anchor: 'openai',
		where: 'test',
		calls: NO_EMBEDDINGS,
	},
	openaiPython: {
		name: 'openai (Python)',
		api: 'chat completions',
		anchor: 'openai',
		where: 'clients',
		calls: ALL,
	},
	openaiPythonResponses: {
		name: 'openai (Python)',
		api: 'Responses',
		anchor: 'openai',
		where: 'clients',
		calls: NO_EMBEDDINGS,
	},
	anthropicNode: {
		name: '@anthropic-ai/sdk',
		api: 'Messages',
		anchor: 'anthropic',
		where: 'test',
		calls: NO_EMBEDDINGS,
	},
	anthropicPython: {
		name: 'anthropic (Python)',
		api: 'Messages',
		anchor: 'anthropic',
		where: 'clients',
		calls: NO_EMBEDDINGS,
	},
	langchainJs: {
		name: 'LangChain.js',
		api: 'chat completions',
		anchor: 'langchain',
		where: 'test',
		calls: ALL,
	},
	langchainJsResponses: {
		name: 'LangChain.js',
		api: 'Responses',
		anchor: 'langchain',
		where: 'test',
		calls: NO_EMBEDDINGS,
	},
	langchainPython: {
		name: 'LangChain (Python)',
		api: 'chat completions',
		anchor: 'langchain',
		where: 'clients',
		calls: ALL,
	},
	langchainAnthropic: {
		name: 'LangChain (Python)',
		api: 'Messages',
		anchor: 'langchain',
		where: 'clients',
		calls: NO_EMBEDDINGS,
	},
	aiSdkCompatible: {
		name: 'Vercel AI SDK',
		api: 'chat completions',
		anchor: 'vercel-ai-sdk',
		where: 'test',
		calls: ALL,
	},
	aiSdkOpenai: {
		name: 'Vercel AI SDK',
		api: 'Responses',
		anchor: 'vercel-ai-sdk',
		where: 'test',
		calls: ALL,
	},
	aiSdkAnthropic: {
		name: 'Vercel AI SDK',
		api: 'Messages',
		anchor: 'vercel-ai-sdk',
		where: 'test',
		calls: NO_EMBEDDINGS,
	},
	llamaIndex: {
		name: 'LlamaIndex (Python)',
		api: 'chat completions',
		anchor: 'llamaindex',
		where: 'clients',
		calls: ALL,
	},
	instructor: {
		name: 'instructor',
		api: 'chat completions',
		anchor: 'instructor',
		where: 'clients',
		calls: ['schema', 'errors'],
	},
	litellm: {
		name: 'LiteLLM (SDK)',
		api: 'chat completions',
		anchor: 'litellm',
		where: 'clients',
		calls: ALL,
	},
	codex: { name: 'Codex CLI', api: 'Responses', anchor: 'codex-cli', where: 'clients', calls: TASK },
	claudeCode: { name: 'Claude Code', api: 'Messages', anchor: 'claude-code', where: 'clients', calls: TASK },
	opencode: { name: 'opencode', api: 'chat completions', anchor: 'opencode', where: 'clients', calls: TASK },
	n8nChatModel: {
		name: 'n8n: OpenAI Chat Model in an AI Agent',
		api: 'Responses',
		anchor: 'n8n',
		where: 'n8n',
		calls: ['chat', 'tools'],
	},
	n8nOpenAi: {
		name: 'n8n: OpenAI node, Message a Model',
		api: 'Responses',
		anchor: 'n8n',
		where: 'n8n',
		calls: ['chat'],
	},
	n8nAgents: {
		name: 'n8n: Agents',
		api: 'Responses',
		anchor: 'n8n',
		where: 'n8n',
		calls: ['chat', 'tools'],
	},
	openWebUi: { name: 'Open WebUI', api: 'chat completions', anchor: 'open-webui', calls: [] },
	libreChat: { name: 'LibreChat', api: 'chat completions', anchor: 'librechat', calls: [] },
	continueDev: { name: 'Continue', api: 'chat completions', anchor: 'continue', calls: [] },
	zed: { name: 'Zed', api: 'chat completions', anchor: 'zed', calls: [] },
} as const satisfies { readonly [id: string]: Client };

export type ClientId = keyof typeof CLIENTS;

const MARKS: { readonly [where in Where]: string } = { test: '✓', n8n: '✓', clients: '✓ᶜ' };

/** Where the table stands in that page: between these two comments. */
export const TABLE_IN = /(<!-- clients[^>]*-->)[\s\S]*(<!-- \/clients -->)/;

/** The table of docs/guides/clients.md. */
export function clientsTable(): string {
	const rows = Object.values<Client>(CLIENTS).map(({ name, api, anchor, where, calls }) => [
		`[${name}](#${anchor})`,
		api,
		...CALLS.map((call) => (where === undefined ? 'not run' : calls.includes(call) ? MARKS[where] : '–')),
	]);
	const all = [['Client', 'Protocol', ...CALLS], ['---', '---', ...CALLS.map(() => '---')], ...rows];
	return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The clients that a test file must test: those of `where`. */
export const clientsOf = (where: Where): ClientId[] =>
	(Object.keys(CLIENTS) as ClientId[]).filter((id) => {
		const client: Client = CLIENTS[id];
		return client.where === where;
	});
