// The cells of the matrix that are called real: a real llama.cpp says the same words, and the same comes of it.
import { type Setup, testCells } from '../../support/engines/cells';
import { describeLlama, type LlamaServer, startLlama } from '../../support/llamaServer';

const LONG = 'word '.repeat(3_000);
const KEY = 'sk-right';

describeLlama('a real llama.cpp', () => {
	let chat: LlamaServer;
	let tool: LlamaServer;
	let vectors: LlamaServer;
	beforeAll(async () => {
		[chat, tool, vectors] = await Promise.all([
			startLlama('ci-text', { ctx: 1024, parallel: 1 }),
			startLlama('ci-tool', { ctx: 1024, apiKey: KEY }),
			startLlama('tiny-rerank', { embedding: true, pooling: 'mean' }),
		]);
	});
	afterAll(() => Promise.all([chat, tool, vectors].map((server) => server.stop())));

	const onChat: Setup<LlamaServer> = { server: () => chat };
	const onTool: Setup<LlamaServer> = { server: () => tool, address: { apiKey: KEY } };
	testCells<LlamaServer>('llamacpp', 'real', {
		// Too short for the client to look at the context first, and long in tokens: the engine must say it itself.
		'prompt longer than the context': {
			...onChat,
			more: { messages: [{ role: 'user', content: 'é'.repeat(1_400) }] },
		},
		'text to embed longer than the model reads': { server: () => vectors, more: { text: LONG } },
		'tool call cut off at the token limit': { ...onTool, more: { maxTokens: 12, toolChoice: 'required' } },
		'tool that must be called': onTool,
		'named tool': onTool,
		'JSON mode': onChat,
		'JSON schema': onChat,
		'schema that the engine does not understand': {
			...onChat,
			more: { responseFormat: { type: 'jsonSchema', schema: { type: 'nonsense' } } },
		},
		'prompt that is in the prefix cache': { ...onChat, again: true },
		'wrong key': { server: () => tool, address: { apiKey: 'sk-wrong' } },
		'embeddings of an engine that runs a chat model': onChat,
		'reranking of an engine that does not rerank': onChat,
		'engine that stands still with the connection open (half-open)': {
			...onChat,
			before: (server) => server.freeze(),
			after: (server) => server.thaw(),
			firstTokenMs: 2_000,
		},
		'engine that is slow to take a connection': {
			...onChat,
			before: (server) => server.freeze(),
			meanwhile: async (server) => {
				await new Promise((resolve) => setTimeout(resolve, 700));
				server.thaw();
			},
		},
	});
});
