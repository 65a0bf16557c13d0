// LangChain's standard behaviours with the real llama.cpp server. Its tiny models are scripted (test/fixtures/gguf): one writes a
// sentence, the other calls get_weather for Paris whatever it is asked, so the cases that need both in one conversation, or JSON
// of a schema, run in test/unit/nodes/ChatModel/standard.test.ts.
import type { InMemoryCache } from '@langchain/core/caches';
import { EnginePool } from '../../../lib/engine';
import { LocalEngineChatModel } from '../../../nodes/shared/langchain/chatModel';
import { standardTextCases, standardToolCases } from '../../support/chatModelCases';
import { describeLlama, type GgufModel, type LlamaServer, startLlama } from '../../support/llamaServer';

jest.setTimeout(120_000);

function serverOf(name: GgufModel) {
	let server: LlamaServer;
	let pool: EnginePool;
	beforeAll(async () => {
		server = await startLlama(name, { ctx: 2048, parallel: 2 });
		pool = new EnginePool([{ dialect: 'llamacpp', baseUrl: server.url }]);
	});
	afterAll(async () => {
		await pool.close();
		await server.stop();
	});
	return ({ cache, stop }: { cache?: InMemoryCache; stop?: string[] } = {}) =>
		new LocalEngineChatModel({
			engines: pool,
			request: { temperature: 0, maxTokens: 64, ...(stop && { stop }) },
			...(cache && { cache }),
		});
}

describeLlama('LangChain’s standard on llama.cpp: text', () => {
	standardTextCases({ model: serverOf('ci-text') });
});

describeLlama('LangChain’s standard on llama.cpp: tools', () => {
	standardToolCases({ model: serverOf('ci-tool') });
});
