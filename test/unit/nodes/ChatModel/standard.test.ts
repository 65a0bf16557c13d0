// LangChain's standard behaviours over real HTTP, with an engine that does what it is asked. The same cases run against the real
// llama.cpp server in test/integration/subnodes/chatModelLlama.test.ts.
import type { InMemoryCache } from '@langchain/core/caches';
import { EnginePool } from '../../../../lib/engine';
import { LocalEngineChatModel } from '../../../../nodes/shared/langchain/chatModel';
import {
	standardImageCases,
	standardSchemaCases,
	standardTextCases,
	standardToolCases,
	standardTurnCases,
	standardUnitCases,
} from '../../../support/chatModelCases';
import { type ObedientEngine, startObedientEngine } from '../../../support/obedientEngine';

let engine: ObedientEngine;
let pool: EnginePool;
beforeAll(async () => {
	engine = await startObedientEngine();
	pool = new EnginePool([{ dialect: 'openai', baseUrl: engine.url }]);
});
afterAll(async () => {
	await pool.close();
	await engine.close();
});

const model = ({ cache, stop }: { cache?: InMemoryCache; stop?: string[] } = {}) =>
	new LocalEngineChatModel({
		engines: pool,
		request: { temperature: 0, maxTokens: 100, ...(stop && { stop }) },
		...(cache && { cache }),
	});

describe('LangChain’s standard for chat models', () => {
	standardUnitCases({ model });
	standardTextCases({ model });
	standardToolCases({ model, callsSeveral: true });
	standardTurnCases({ model });
	standardSchemaCases({ model });
	standardImageCases({ model });

	test('tells the tokens of thinking and those read from the cache', async () => {
		expect((await model().invoke('Hello')).usage_metadata).toMatchObject({
			input_token_details: { cache_read: 3 },
			output_token_details: { reasoning: 2 },
		});
	});
});
