// Flows of n8n's own AI nodes around the Local Engine Chat Model, and engines that do what a test says.
import type { ServerResponse } from 'node:http';
import { canvas, type CanvasNode, type Link, named, ours } from '../../support/canvas';
import type { N8nClient } from '../../support/n8n';
import { chunkOf, type ScriptedEngine, startScripted } from '../gateway/support';

export interface ChatBody {
	readonly model: string;
	readonly messages: ReadonlyArray<{
		readonly role: string;
		readonly content: unknown;
		readonly reasoning_content?: string;
		readonly tool_call_id?: string;
		readonly tool_calls?: ReadonlyArray<{
			readonly id: string;
			readonly function: { readonly name: string; readonly arguments: string };
		}>;
	}>;
	readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string } }>;
	readonly response_format?: { readonly type: string };
	readonly temperature?: number;
}

/** An engine whose answers a test writes; `asked` holds what came. */
export async function startChatEngine(
	answer: (body: ChatBody, response: ServerResponse, turn: number) => void,
): Promise<ScriptedEngine & { readonly asked: ChatBody[] }> {
	const asked: ChatBody[] = [];
	const engine = await startScripted((_request, response, text) => {
		const body = JSON.parse(text) as ChatBody;
		asked.push(body);
		answer(body, response, asked.length);
	});
	return { ...engine, asked };
}

/** A whole streamed answer: these pieces, the finish, and the usage. */
export function say(response: ServerResponse, deltas: readonly object[], finish = 'stop'): void {
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	for (const delta of deltas) response.write(chunkOf(delta));
	end(response, finish);
}

export function end(response: ServerResponse, finish = 'stop'): void {
	response.write(chunkOf({}, finish));
	const usage = { prompt_tokens: 21, completion_tokens: 8, total_tokens: 29 };
	response.end(
		`data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [], usage })}\n\ndata: [DONE]\n\n`,
	);
}

/** Text in pieces of a few letters, as an engine writes it. */
export const textDeltas = (text: string): object[] =>
	(text.match(/[\s\S]{1,6}/g) ?? []).map((content) => ({ content }));

/** One tool call in pieces; `id` as engines that count anew in each answer give it. */
export const callDeltas = (name: string, args: object, id = 'call_0'): object[] => {
	const text = JSON.stringify(args);
	const half = Math.ceil(text.length / 2);
	const piece = (more: object, part: string) => ({
		tool_calls: [{ index: 0, ...more, function: { ...('id' in more && { name }), arguments: part } }],
	});
	return [piece({ id, type: 'function' }, text.slice(0, half)), piece({}, text.slice(half))];
};

/** The model for a node of that name. */
export const chatModel = (parameters: Record<string, unknown> = {}): CanvasNode => ({
	type: ours('chatModel'),
	parameters: { model: named(''), options: {}, ...parameters },
});

/** A credential for these engines, each a tier of its own. */
export async function credentialFor(
	client: N8nClient,
	name: string,
	urls: readonly string[],
): Promise<CanvasNode['credentials']> {
	const [first, ...engines] = urls.map((baseUrl) => ({
		dialect: 'openai',
		baseUrl,
		apiKey: '',
		chatModel: '',
		embeddingModel: '',
		rerankModel: '',
		maxConcurrency: 0,
		remote: false,
	}));
	const { id } = await client.createCredential({
		name,
		type: 'localEngineApi',
		data: { ...first, headers: {}, furtherEngines: { engines } },
	});
	return { localEngineApi: { id, name } };
}

/**
 * Publishes a flow of a trigger and a node of n8n's, with our `Model` (and a `Calculator`, where there is one) connected to it.
 * Resolves to the workflow's id.
 */
export async function publishFlow(
	client: N8nClient,
	id: string,
	nodes: Record<string, CanvasNode> & { readonly Model: CanvasNode },
	credentials?: CanvasNode['credentials'],
): Promise<string> {
	const [trigger = '', root = ''] = Object.keys(nodes);
	const links: Link[] = [
		[trigger, root],
		['Model', root, 'ai_languageModel'],
		...('Calculator' in nodes ? [['Calculator', root, 'ai_tool'] as const] : []),
	];
	await client.importAndPublish(canvas(id, { ...nodes, Model: { ...nodes.Model, credentials } }, links));
	return id;
}
