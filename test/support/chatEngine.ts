// An OpenAI-compatible chat engine that answers what a test tells it to, and remembers what it was asked.
import { createServer, type ServerResponse } from 'node:http';
import { listenLocally } from './listen';

export interface AskedMessage {
	role: string;
	content: string | null;
	tool_calls?: Array<{ id: string; function: { name: string; arguments: string } }>;
}

export interface Asked {
	messages: AskedMessage[];
	stream?: boolean;
	tools?: Array<{ function: { name: string; description: string; parameters: Record<string, unknown> } }>;
}

/** A text, or a tool to be called. */
export type Reply = string | { readonly tool: string; readonly arguments: Record<string, unknown> };

export interface ChatEngine {
	readonly url: string;
	readonly asked: Asked[];
	/** How many requests came, of any kind. */
	requests(): number;
	close(): Promise<void>;
}

/**
 * @param reply what to answer to a request
 * @param models the models that it lists
 */
export async function startChatEngine(
	reply: (asked: Asked) => Reply,
	models: readonly string[] = ['scripted'],
): Promise<ChatEngine> {
	const asked: Asked[] = [];
	let requests = 0;
	const server = createServer((request, response) => {
		requests++;
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			if (request.method === 'GET') {
				json(response, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
				return;
			}
			if (request.url?.endsWith('/audio/transcriptions')) {
				json(response, { text: 'Hello.', segments: [{ start: 0, end: 1.5, text: ' Hello.' }] });
				return;
			}
			const body = JSON.parse(Buffer.concat(parts).toString()) as Asked;
			asked.push(body);
			answer(response, reply(body), body.stream === true, asked.length);
		});
	});
	const { url, close } = await listenLocally(server);
	return { url: `${url}/v1`, asked, requests: () => requests, close };
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function json(response: ServerResponse, body: unknown): void {
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify(body));
}

function answer(response: ServerResponse, reply: Reply, stream: boolean, turn: number): void {
	const call =
		typeof reply === 'string'
			? undefined
			: {
					index: 0,
					id: `call_${turn}`,
					type: 'function',
					function: { name: reply.tool, arguments: JSON.stringify(reply.arguments) },
				};
	const message = {
		role: 'assistant',
		content: typeof reply === 'string' ? reply : null,
		...(call && { tool_calls: [call] }),
	};
	const finish = call ? 'tool_calls' : 'stop';
	const head = { id: `c${turn}`, created: 1, model: 'scripted' };
	if (!stream) {
		const choices = [{ index: 0, message, finish_reason: finish }];
		json(response, { ...head, object: 'chat.completion', choices, usage });
		return;
	}
	response.setHeader('content-type', 'text/event-stream');
	const chunk = (delta: unknown, reason: string | null) =>
		response.write(
			`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`,
		);
	if (typeof reply === 'string') {
		chunk({ role: 'assistant', content: '' }, null);
		for (const word of reply.split(/(?<= )/)) chunk({ content: word }, null);
	} else {
		chunk(message, null);
	}
	chunk({}, finish);
	response.write(
		`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`,
	);
	response.end('data: [DONE]\n\n');
}
