import { createServer } from 'node:http';

/** What the engine was asked, as far as scripts look at it. */
export interface Asked {
	readonly model: string;
	readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string }>;
	readonly logprobs?: boolean;
	readonly top_logprobs?: number;
}

export interface ScriptedEngine {
	readonly url: string;
	readonly asked: Asked[];
	stop(): void;
}

/** An OpenAI-compatible engine on this machine that answers what `answer` says, streamed as engines do. */
export async function startScriptedEngine(answer: (asked: Asked) => string): Promise<ScriptedEngine> {
	const asked: Asked[] = [];
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (data) => (body += String(data)));
		request.on('end', () => {
			if (request.url?.endsWith('/models') === true) {
				response.setHeader('content-type', 'application/json');
				const data = ['teacher', 'student', 'judge'].map((id) => ({ id, object: 'model' }));
				response.end(JSON.stringify({ object: 'list', data }));
				return;
			}
			const question = JSON.parse(body) as Asked;
			asked.push(question);
			const content = answer(question);
			const token = (text: string, logprob: number) => ({ token: text, logprob, bytes: null });
			const logprobs = question.logprobs === true && {
				logprobs: {
					content: [
						{
							...token(content, -0.1),
							top_logprobs: [token(content, -0.1), token('Otherwise', -3)].slice(0, question.top_logprobs),
						},
					],
				},
			};
			const chunk = (delta: object, finish: string | null, more: object = {}) =>
				`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: question.model, choices: [{ index: 0, delta, finish_reason: finish, ...more }] })}\n\n`;
			response.setHeader('content-type', 'text/event-stream');
			response.end(
				`${chunk({ role: 'assistant', content }, null, logprobs || {})}${chunk({}, 'stop')}data: [DONE]\n\n`,
			);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = address !== null && typeof address === 'object' ? address.port : 0;
	return { url: `http://127.0.0.1:${port}`, asked, stop: () => server.close() };
}

/** The credential of an engine like that. */
export function engineCredential(url: string) {
	return {
		name: 'engine',
		type: 'localEngineApi',
		data: {
			dialect: 'openai',
			baseUrl: url,
			apiKey: 'sk-engine-secret-0123456789',
			chatModel: 'teacher',
			headers: {},
			furtherEngines: {},
		},
	};
}
