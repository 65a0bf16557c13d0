// What engines say and do in the situations that matter, and what the client makes of it. Every cell is run by a test:
// all from their recordings and words in test/unit/engine/matrix.test.ts, real ones also in test/integration/engine/matrix.test.ts,
// those called long in test/long/engines (npm test -- engines).
// `npm run docs:engines` writes docs/engine-behaviour.md from it. Node reads this file by itself: no imports.

/**
 * `real`: also run against a real server in `npm test`. `long`: the same in `npm test -- engines`. `recorded`: on a real server,
 * replayed. `documented`: never run here.
 */
export type Proof = 'real' | 'long' | 'recorded' | 'documented';

/** What is asked of the client. */
export type Asked = 'chat' | 'tool' | 'requiredTool' | 'namedTool' | 'json' | 'schema' | 'embed' | 'rerank';

export interface Cell {
	readonly proof: Proof;
	/** HTTP status; null: the connection ended before there was one. */
	readonly status: number | null;
	/** The engine's words, exactly; absent where it answers. */
	readonly words?: string;
	/** In test/fixtures/engine-transcripts. */
	readonly recording?: string;
	/** Of what is only documented. */
	readonly source?: string;
	/** What comes of it: the kind of the error, or `answer`. */
	readonly becomes: string;
	/** What the answer, or the error, holds besides. */
	readonly holds?: object;
	/** Instead of words: the body, and where it redirects to. */
	readonly body?: string;
	readonly location?: string;
	/** Instead of words: a connection on which nothing comes, or the recording only after a while. */
	readonly connection?: 'silent' | 'slow';
	/** For people, where `becomes` does not say it all. */
	readonly note?: string;
}

export const ENGINES = {
	llamacpp: 'llama.cpp',
	ollama: 'Ollama 0.24',
	ollama033: 'Ollama 0.33',
	vllm: 'vLLM',
	tei: 'TEI',
	lmstudio: 'LM Studio',
	sglang: 'SGLang',
	openai: 'any server',
} as const;
export type EngineName = keyof typeof ENGINES;

/** Whose protocol an engine of the table speaks. */
export const dialectOf = (engine: EngineName): Exclude<EngineName, 'ollama033'> =>
	engine === 'ollama033' ? 'ollama' : engine;

export interface Row {
	readonly title: string;
	readonly asked: Asked;
	readonly cells: { readonly [engine in EngineName]?: Cell };
}

const real = (recording: string, status: number | null, becomes: string, more: Partial<Cell> = {}): Cell => ({
	proof: 'real',
	recording: `llama-server/${recording}`,
	status,
	becomes,
	...more,
});
/** Of a real server in `npm test -- engines`. */
const long = (recording: string, status: number | null, becomes: string, more: Partial<Cell> = {}): Cell => ({
	proof: 'long',
	recording,
	status,
	becomes,
	...more,
});
const recorded = (
	recording: string,
	status: number | null,
	becomes: string,
	more: Partial<Cell> = {},
): Cell => ({
	proof: 'recorded',
	recording,
	status,
	becomes,
	...more,
});
const documented = (source: string, status: number, words: string, becomes: string): Cell => ({
	proof: 'documented',
	source,
	status,
	words,
	becomes,
});

const OLLAMA_TOO_LONG = 'the input length exceeds the context length';
const BROKEN_CALL = { finishReason: 'length' };

export const MATRIX: readonly Row[] = [
	{
		title: 'prompt longer than the context',
		asked: 'chat',
		cells: {
			llamacpp: real('err-context-overflow', 400, 'contextExceeded', {
				words: 'request (2726 tokens) exceeds the available context size (512 tokens), try increasing it',
				holds: { promptTokens: 2726, contextTokens: 512 },
			}),
			ollama: recorded('ollama/context-overflow-truncate-false', 400, 'contextExceeded', {
				words: OLLAMA_TOO_LONG,
			}),
			ollama033: recorded('ollama/v033-context-overflow-truncate-false', 400, 'contextExceeded', {
				words: 'request (9026 tokens) exceeds the available context size (1024 tokens), try increasing it',
				holds: { promptTokens: 9026, contextTokens: 1024 },
				note: 'in JSON within a string; without `truncate` too, where 0.24 cut the prompt',
			}),
			vllm: long('vllm/err-context-overflow', 400, 'contextExceeded', {
				words:
					"This model's maximum context length is 1024 tokens. However, your prompt contains at least 1025 input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=1025)",
				holds: { promptTokens: 1025, contextTokens: 1024 },
			}),
			lmstudio: documented(
				'LM Studio 0.3',
				400,
				'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 10247 >= n_ctx: 4096).',
				'contextExceeded',
			),
			sglang: documented(
				'SGLang',
				400,
				'Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).',
				'contextExceeded',
			),
		},
	},
	{
		title: 'text to embed longer than the model reads',
		asked: 'embed',
		cells: {
			llamacpp: real('embed-too-long', 500, 'contextExceeded', {
				words:
					'input (702 tokens) is too large to process. increase the physical batch size (current batch size: 512)',
				holds: { promptTokens: 702, contextTokens: 512 },
			}),
			ollama: recorded('ollama/embed-too-long-truncate-false', 400, 'contextExceeded', {
				words: OLLAMA_TOO_LONG,
			}),
			ollama033: recorded('ollama/v033-embed-too-long-truncate-false', 400, 'contextExceeded', {
				words: OLLAMA_TOO_LONG,
			}),
			vllm: long('vllm/embed-too-long', 400, 'contextExceeded', {
				words:
					"This model's maximum context length is 256 tokens. However, your prompt contains at least 257 input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=257)",
			}),
			tei: recorded('tei/too-long-truncate-false', 422, 'contextExceeded', {
				words: 'Input validation error: `inputs` must have less than 256 tokens. Given: 702',
				holds: { promptTokens: 702, contextTokens: 256 },
			}),
		},
	},
	{
		title: 'model that is not there',
		asked: 'chat',
		cells: {
			llamacpp: long('llama-server/router-model-not-found', 400, 'modelNotFound', {
				words: "model 'nope' not found",
				note: 'as a router; with one model it answers whatever the name is',
			}),
			ollama: recorded('ollama/err-model-not-found', 404, 'modelNotFound', {
				words: "model 'no-such' not found",
			}),
			ollama033: recorded('ollama/v033-err-model-not-found', 404, 'modelNotFound', {
				words: "model 'no-such' not found",
			}),
			vllm: long('vllm/err-wrong-model', 404, 'modelNotFound', {
				words: 'The model `no-such` does not exist. Valid aliases: tiny-chat.',
			}),
			lmstudio: documented(
				'LM Studio 0.3',
				400,
				'No models loaded. Please load a model in the developer page.',
				'modelNotFound',
			),
		},
	},
	{
		title: 'model that still loads',
		asked: 'chat',
		cells: {
			llamacpp: recorded('llama-server/loading-chat-503', 503, 'loading', {
				words: 'Loading model',
				note: 'waited for',
			}),
			sglang: documented('SGLang', 503, 'The model is still loading', 'loading'),
		},
	},
	{
		title: 'model that cannot be loaded',
		asked: 'chat',
		cells: {
			llamacpp: long('llama-server/router-model-damaged', 500, 'loadFailed', {
				words: 'model name=broken failed to load',
				note: 'as a router; the plain server ends instead',
			}),
			ollama: documented(
				'Ollama',
				500,
				'model requires more system memory (9.3 GiB) than is available (7.1 GiB)',
				'loadFailed',
			),
		},
	},
	{
		title: 'tool call cut off at the token limit',
		asked: 'tool',
		cells: {
			llamacpp: real('tool-call-cut-by-length-stream', 200, 'answer', {
				holds: BROKEN_CALL,
				note: 'a call with arguments that are not JSON is marked as broken',
			}),
			ollama: recorded('ollama/tools-cut-by-length', 200, 'answer', {
				holds: { ...BROKEN_CALL, toolCalls: [], text: '' },
				note: 'no call',
			}),
			ollama033: recorded('ollama/v033-tools-cut-by-length', 200, 'answer', {
				holds: { ...BROKEN_CALL, toolCalls: [], text: '' },
				note: 'no call; some models: see the next row',
			}),
			vllm: long('vllm/tools-cut-by-length-stream', 200, 'answer', { holds: BROKEN_CALL }),
		},
	},
	{
		title: 'tool call that the engine cannot read',
		asked: 'tool',
		cells: {
			llamacpp: documented('llama.cpp', 500, 'Failed to parse input at pos 12: <tool_call>', 'badAnswer'),
			ollama: documented(
				'ollama/ollama#17638 (0.32)',
				500,
				`error parsing tool call: raw='{"city":"Par', err=unexpected end of JSON input`,
				'badAnswer',
			),
		},
	},
	{
		title: 'tool that must be called',
		asked: 'requiredTool',
		cells: {
			llamacpp: real('tool-choice-required-stream', 200, 'answer', {
				holds: { toolCalls: [{ name: 'get_weather' }] },
			}),
			ollama033: recorded('ollama/v033-forced-call', 200, 'answer', {
				holds: { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }] },
				note: 'has no such choice: the answer is held to the schema of a call, and becomes the call',
			}),
			vllm: long('vllm/tools-required-stream', 200, 'answer', {
				holds: { toolCalls: [{ name: 'get_weather' }] },
			}),
		},
	},
	{
		title: 'tool that must be called, without `--tool-call-parser`',
		asked: 'requiredTool',
		cells: {
			vllm: long('vllm/tools-required-without-parser', 400, 'unsupported', {
				words: 'tool_choice="required" requires --tool-call-parser to be set',
			}),
		},
	},
	{
		title: 'named tool',
		asked: 'namedTool',
		cells: {
			llamacpp: real('tool-choice-named-function', 200, 'answer', {
				holds: { toolCalls: [{ name: 'get_weather' }] },
			}),
			vllm: long('vllm/tools-named-stream', 200, 'answer', {
				holds: { toolCalls: [{ name: 'get_weather' }] },
			}),
		},
	},
	{
		title: 'model without tools',
		asked: 'tool',
		cells: {
			ollama: recorded('ollama/err-tools-unsupported', 400, 'unsupported', {
				words: 'registry.ollama.ai/library/tiny-plain:latest does not support tools',
			}),
			ollama033: recorded('ollama/v033-err-tools-unsupported', 200, 'answer', {
				note: 'takes them for a model whose template has no tools; it was never shown them',
			}),
		},
	},
	{
		title: 'JSON mode',
		asked: 'json',
		cells: {
			llamacpp: real('chat-json-object', 200, 'answer', {
				note: 'asked for with the schema of an object, which is enforced; its own JSON mode is not in every version',
			}),
			ollama: recorded('ollama/format-json', 200, 'answer', {
				note: 'asked for with the schema of an object',
			}),
			ollama033: recorded('ollama/v033-format-json', 200, 'answer', {
				note: 'the same; its own JSON mode answers with any text',
			}),
			vllm: long('vllm/chat-json-object', 200, 'answer'),
		},
	},
	{
		title: 'JSON schema',
		asked: 'schema',
		cells: {
			llamacpp: real('chat-json-schema', 200, 'answer'),
			ollama: recorded('ollama/format-json-schema', 200, 'answer'),
			ollama033: recorded('ollama/v033-format-json-schema', 200, 'answer', {
				note: 'writes the properties in the order of the alphabet',
			}),
			vllm: long('vllm/chat-json-schema-stream', 200, 'answer', {
				holds: { finishReason: 'length' },
				note: 'blanks may use up the tokens: `finishReason` says so',
			}),
		},
	},
	{
		title: 'schema that the engine does not understand',
		asked: 'schema',
		cells: {
			llamacpp: real('chat-json-schema-bad-type', 400, 'invalidRequest', {
				words:
					'Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at #: unrecognized type nonsense',
			}),
			ollama: recorded('ollama/err-format-bad-schema', 500, 'invalidRequest', {
				words: 'invalid JSON schema in format',
			}),
			ollama033: recorded('ollama/v033-err-format-bad-schema', 400, 'invalidRequest', {
				words:
					'Unable to generate parser for this template. Automatic parser generation failed: JSON schema conversion failed:\nUnrecognized schema: {"type":"nonsense"}',
			}),
			vllm: long('vllm/err-json-schema-bad', 400, 'invalidRequest', {
				words: 'Grammar error: Invalid type: nonsense',
			}),
		},
	},
	{
		title: 'thinking',
		asked: 'chat',
		cells: {
			llamacpp: recorded('llama-server/thinking-stream', 200, 'answer', {
				note: 'kept apart from the text (`reasoning_content`)',
			}),
			ollama: recorded('ollama/thinking-stream', 200, 'answer', { note: '`message.thinking`' }),
			ollama033: recorded('ollama/v033-thinking-stream', 200, 'answer', { note: '`message.thinking`' }),
			vllm: long('vllm/thinking-stream', 200, 'answer', { note: '`reasoning`' }),
		},
	},
	{
		title: 'prompt that is in the prefix cache',
		asked: 'chat',
		cells: {
			llamacpp: real('chat-same-prompt-again-cached', 200, 'answer', {
				holds: { usage: { cachedTokens: 32 } },
				note: '`usage.cachedTokens`',
			}),
			ollama: recorded('ollama/chat-warm', 200, 'answer', { note: 'does not tell' }),
			vllm: long('vllm/prefix-cache-2', 200, 'answer', {
				note: 'tells it only with `--enable-prompt-tokens-details`; _Measure_ reads its metrics',
			}),
		},
	},
	{
		title: 'empty stream',
		asked: 'chat',
		cells: {
			lmstudio: {
				proof: 'documented',
				source: 'LM Studio: prompt longer than the context',
				status: 200,
				becomes: 'contextExceeded',
			},
		},
	},
	{
		title: 'wrong key',
		asked: 'chat',
		cells: {
			llamacpp: real('auth-wrong', 401, 'unauthorized', { words: 'Invalid API Key' }),
			vllm: long('vllm/auth-wrong', 401, 'unauthorized', { words: 'Unauthorized' }),
			ollama: recorded('ollama/cors-origin-foreign', 403, 'unauthorized', {
				note: 'has no keys; a foreign Host or Origin is refused without a word',
			}),
		},
	},
	{
		title: 'queue that is full',
		asked: 'chat',
		cells: {
			ollama: recorded('ollama/err-queue-full-503-other-models', 503, 'overloaded', {
				words: 'server busy, please try again.  maximum pending requests exceeded',
			}),
			llamacpp: long('llama-server/busy-queued-stream', 200, 'answer', {
				note: 'never refuses: requests wait without limit',
			}),
		},
	},
	{
		title: 'texts at once that are too many',
		asked: 'embed',
		cells: {
			tei: recorded('tei/err-overloaded-429', 429, 'overloaded', { words: 'Model is overloaded' }),
		},
	},
	{
		title: 'embeddings of an engine that runs a chat model',
		asked: 'embed',
		cells: {
			llamacpp: real('err-embeddings-on-chat-server', 501, 'unsupported', {
				words: 'This server does not support embeddings. Start it with `--embeddings`',
			}),
			ollama033: recorded('ollama/v033-embed-with-chat-model', 501, 'unsupported', {
				words: 'This server does not support embeddings. Start it with `--embeddings`',
			}),
			vllm: long('vllm/err-embeddings-on-chat-server', 404, 'unsupported', { words: 'Not Found' }),
		},
	},
	{
		title: 'embeddings of an engine that runs a reranker',
		asked: 'embed',
		cells: {
			tei: recorded('tei/rerank-embed-on-rerank-model', 424, 'unsupported', {
				words: 'Backend error: Model is not an embedding model',
			}),
		},
	},
	{
		title: 'reranking of an engine that does not rerank',
		asked: 'rerank',
		cells: {
			llamacpp: real('err-rerank-on-chat-server', 501, 'unsupported', {
				words: 'This server does not support reranking. Start it with `--reranking`',
			}),
			tei: recorded('tei/err-rerank-on-embed-model', 424, 'unsupported', {
				words: 'Backend error: model is not a re-ranker model',
			}),
			vllm: long('vllm/err-rerank-on-chat-server', 404, 'unsupported', { words: 'Not Found' }),
		},
	},
	{
		title: 'engine that is killed in the middle of an answer',
		asked: 'chat',
		cells: {
			llamacpp: recorded('llama-server/killed-mid-stream', 200, 'interrupted', {
				note: 'the same with real servers in the tests of outages',
			}),
			ollama: recorded('ollama/server-killed-mid-stream', 200, 'interrupted'),
			vllm: long('vllm/server-killed-mid-stream', 200, 'interrupted'),
		},
	},
	{
		title: 'model process that is killed in the middle of an answer',
		asked: 'chat',
		cells: {
			ollama: recorded('ollama/runner-killed-mid-stream', 200, 'interrupted', {
				words: 'an error was encountered while running the model: unexpected EOF',
			}),
			ollama033: recorded('ollama/v033-runner-killed-mid-stream', 200, 'interrupted', {
				words:
					'an error was encountered while running the model: error: task id = 0, error: request (9026 tokens) exceeds the available context size (1024 tokens), try increasing it',
				note: 'behind the colon stands what was logged last, here of another request',
			}),
			vllm: long('vllm/engine-killed-mid-stream', 200, 'interrupted', {
				words: 'EngineCore encountered an issue. See stack trace (above) for the root cause.',
			}),
		},
	},
	{
		title: 'connection that is closed before the answer',
		asked: 'chat',
		cells: { llamacpp: recorded('llama-server/killed-mid-nonstream', null, 'unreachable') },
	},
	{
		title: 'engine that stands still with the connection open (half-open)',
		asked: 'chat',
		cells: {
			llamacpp: {
				proof: 'real',
				status: null,
				connection: 'silent',
				becomes: 'timeout',
				note: 'at the deadline of the first token; if another engine is well, as soon as this one does not answer for its health either',
			},
		},
	},
	{
		title: 'engine that is slow to take a connection',
		asked: 'chat',
		cells: { llamacpp: real('chat-stream', 200, 'answer', { connection: 'slow', note: 'waited for' }) },
	},
	{
		title: 'login page at the address',
		asked: 'chat',
		cells: {
			openai: {
				proof: 'documented',
				source: 'any proxy',
				status: 200,
				body: '<!doctype html><html><body>Sign in</body></html>',
				becomes: 'badAnswer',
			},
		},
	},
	{
		title: 'redirect to another server',
		asked: 'chat',
		cells: {
			openai: {
				proof: 'documented',
				source: 'any proxy',
				status: 307,
				location: 'http://elsewhere.example/v1/chat/completions',
				becomes: 'badAnswer',
				note: 'the other server gets neither key nor text',
			},
		},
	},
	{
		title: 'server that ignores `stream`',
		asked: 'chat',
		cells: { openai: recorded('llama-server/chat', 200, 'answer', { note: 'read all the same' }) },
	},
];

const MARKS: { readonly [proof in Proof]: string } = {
	real: '**R**',
	long: '**L**',
	recorded: 'r',
	documented: 'd',
};

/** Where the table stands in docs/engine-behaviour.md. */
export const MATRIX_IN = /(<!-- behaviours[^>]*-->)[\s\S]*(<!-- \/behaviours -->)/;

/** The table of docs/engine-behaviour.md: a line per cell, under the title of its row. */
export function matrixTable(): string {
	return MATRIX.map(({ title, cells }) => {
		const lines = Object.entries(cells).map(([engine, cell]) => lineOf(ENGINES[engine as EngineName], cell));
		const head = '| engine | | status | its words | the client |\n| --- | --- | --- | --- | --- |';
		return `### ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\n${head}\n${lines.join('\n')}`;
	}).join('\n\n');
}

function lineOf(engine: string, { proof, status, words, source, becomes, note }: Cell): string {
	const said = words === undefined ? '–' : `\`\` ${words.replaceAll('|', '\\|').replaceAll('\n', ' ')} \`\``;
	const result = becomes === 'answer' ? 'answer' : `\`${becomes}\``;
	const cells = [
		engine,
		`${MARKS[proof]}${source === undefined ? '' : ` (${source})`}`,
		status === null ? 'none' : String(status),
		said,
		note === undefined ? result : `${result}: ${note}`,
	];
	return `| ${cells.join(' | ')} |`;
}
