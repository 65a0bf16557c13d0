import { type ChatRequest, EngineError, type EnginePool, type ToolDefinition } from '../../../lib/engine';
import type { Asked } from './matrix';

const WEATHER: ToolDefinition = {
	name: 'get_weather',
	description: 'Weather for a city',
	parameters: {
		type: 'object',
		properties: { city: { type: 'string', enum: ['Paris'] } },
		required: ['city'],
	},
};
const SCHEMA = { type: 'object', properties: { city: { type: 'string' }, ok: { type: 'boolean' } } };
const CHAT: ChatRequest = {
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
	temperature: 0,
	maxTokens: 200,
};
const REQUESTS: { readonly [asked in Exclude<Asked, 'embed' | 'rerank'>]: Partial<ChatRequest> } = {
	chat: {},
	tool: { tools: [WEATHER] },
	requiredTool: { tools: [WEATHER], toolChoice: 'required' },
	namedTool: { tools: [WEATHER], toolChoice: { name: WEATHER.name } },
	json: { responseFormat: { type: 'json' } },
	schema: { responseFormat: { type: 'jsonSchema', schema: SCHEMA } },
};

/** Asks a pool for what a row of the matrix is about: what came of it, in the words of the matrix. */
export async function outcomeOf(
	pool: EnginePool,
	asked: Asked,
	more: Partial<ChatRequest> & { readonly text?: string } = {},
): Promise<{ readonly becomes: string; readonly detail: object }> {
	const { text = 'a', ...request } = more;
	try {
		if (asked === 'embed') return { becomes: 'answer', detail: await pool.embed([text]) };
		if (asked === 'rerank') return { becomes: 'answer', detail: await pool.rerank('a', [text]) };
		return {
			becomes: 'answer',
			detail: await pool.complete({ ...CHAT, ...REQUESTS[asked], ...request }),
		};
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
		return { becomes: error.kind, detail: error };
	}
}
