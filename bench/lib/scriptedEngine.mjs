/**
 * An OpenAI-compatible engine that costs next to nothing: run as a process of its own, it answers every chat with `max_tokens`
 * chunks from lines that were made beforehand: all at once, or for the model "paced" each in a packet of its own.
 */
import { createServer } from 'node:http';

const head =
	'{"id":"c","object":"chat.completion.chunk","created":1,"model":"scripted","choices":[{"index":0,"delta":';
const chunk = (delta, finish) =>
	`data: ${head}${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
const usage = (tokens) => ({ prompt_tokens: 8, completion_tokens: tokens, total_tokens: 8 + tokens });
const streams = new Map();
const collected = new Map();

function streamOf(tokens) {
	if (!streams.has(tokens)) {
		const pieces = Array.from({ length: tokens }, (_, index) => chunk({ content: `word${index} ` }, null));
		const last =
			`data: ${head}{},"finish_reason":null}],"usage":${JSON.stringify(usage(tokens))}}\n\n`.replace(
				/"choices":\[.*?\]/,
				'"choices":[]',
			);
		streams.set(
			tokens,
			Buffer.from(
				chunk({ role: 'assistant', content: '' }, null) +
					pieces.join('') +
					chunk({}, 'stop') +
					last +
					'data: [DONE]\n\n',
			),
		);
	}
	return streams.get(tokens);
}

function answerOf(tokens) {
	if (!collected.has(tokens)) {
		const content = Array.from({ length: tokens }, (_, index) => `word${index} `).join('');
		const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
		const body = {
			id: 'c',
			object: 'chat.completion',
			created: 1,
			model: 'scripted',
			choices,
			usage: usage(tokens),
		};
		collected.set(tokens, Buffer.from(JSON.stringify(body)));
	}
	return collected.get(tokens);
}

/** One event a turn of the event loop, each flushed by itself. */
function sendPaced(response, bytes, from = 0) {
	const end = bytes.indexOf('\n\n', from) + 2;
	if (end < 2 || response.destroyed) return void response.end();
	response.write(bytes.subarray(from, end));
	setImmediate(sendPaced, response, bytes, end);
}

const server = createServer({ noDelay: true }, (request, response) => {
	if (request.method === 'GET') {
		response.setHeader('content-type', 'application/json');
		response.end(
			JSON.stringify({
				object: 'list',
				data: ['scripted', 'paced'].map((id) => ({ id, object: 'model', owned_by: 'bench' })),
			}),
		);
		return;
	}
	const parts = [];
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		const { stream, model, max_tokens: tokens = 1 } = JSON.parse(Buffer.concat(parts).toString());
		response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
		if (stream && model === 'paced') sendPaced(response, streamOf(tokens));
		else response.end(stream ? streamOf(tokens) : answerOf(tokens));
	});
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
