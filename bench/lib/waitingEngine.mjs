/**
 * An OpenAI-compatible engine that costs next to nothing and takes a fixed time for each request, so many at once: run as a process
 * of its own with two arguments, milliseconds and places. What comes when all places are taken waits its turn. It answers what the request
 * asks for: the first class, values for each field of a schema, a sentence with a citation, or vectors of 256 numbers.
 */
import { createServer } from 'node:http';

const [waitMs, places] = process.argv.slice(2).map(Number);
const DIMENSIONS = 256;
const vector = Buffer.from(
	Float32Array.from({ length: DIMENSIONS }, (_, at) => Math.sin(at) / Math.sqrt(DIMENSIONS / 2)).buffer,
).toString('base64');
const numbers = Array.from({ length: DIMENSIONS }, (_, at) => Math.fround(Math.sin(at)));
const usage = { prompt_tokens: 40, completion_tokens: 8, total_tokens: 48 };
const common = { id: 'c', created: 1, model: 'scripted' };

function textOf({ messages, response_format: format }) {
	const system = messages.find(({ role }) => role === 'system')?.content ?? '';
	if (system.includes('name of one class')) return 'alpha';
	const properties = format?.json_schema?.schema?.properties;
	if (properties)
		return JSON.stringify(Object.fromEntries(Object.keys(properties).map((name) => [name, 'x'])));
	return 'The bell rings at noon [1].';
}

function chat(body) {
	const content = textOf(body);
	if (!body.stream) {
		const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
		return JSON.stringify({ ...common, object: 'chat.completion', choices, usage });
	}
	const lines = [
		{ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] },
		{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
		{ choices: [], usage },
	].map((line) => `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...line })}\n\n`);
	return `${lines.join('')}data: [DONE]\n\n`;
}

function embeddings({ input, encoding_format: encoding }) {
	const embedding = encoding === 'base64' ? vector : numbers;
	const data = [input].flat().map((_, index) => ({ object: 'embedding', index, embedding }));
	return JSON.stringify({ object: 'list', model: 'scripted', data, usage });
}

let free = places;
const waiting = [];
function inPlace(work) {
	if (free === 0) return void waiting.push(work);
	free -= 1;
	setTimeout(() => {
		work();
		free += 1;
		const next = waiting.shift();
		if (next) inPlace(next);
	}, waitMs);
}

const server = createServer({ noDelay: true }, (request, response) => {
	if (request.method === 'GET') {
		response.setHeader('content-type', 'application/json');
		const data = [{ id: 'scripted', object: 'model', owned_by: 'bench' }];
		return void response.end(JSON.stringify({ object: 'list', data }));
	}
	const parts = [];
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		const body = JSON.parse(Buffer.concat(parts).toString());
		inPlace(() => {
			const isStream = body.stream === true;
			response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
			response.end(request.url.endsWith('/embeddings') ? embeddings(body) : chat(body));
		});
	});
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
