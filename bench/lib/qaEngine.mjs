/**
 * An OpenAI-compatible engine for flows, a process of its own and cheap: embeddings are counts of hashed words, the chat looks
 * into its own prompt for the door code that the last question asks for, and asks the first offered tool for it first.
 */
import { createServer } from 'node:http';

const DIMENSIONS = 1024;

/** FNV-1a of each word, counted into one of 1,024 places, normalized: the question and its sentence are near each other. */
function vectorOf(text) {
	const vector = new Float32Array(DIMENSIONS);
	for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
		let hash = 2166136261;
		for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 16777619);
		vector[(hash >>> 0) % DIMENSIONS] += 1;
	}
	const length = Math.hypot(...vector) || 1;
	return vector.map((value) => value / length);
}

const textOf = ({ content }) =>
	Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : (content ?? '');

/** The message that answers a request. */
function reply({ messages, tools }) {
	const lastUser = messages.findLastIndex(({ role }) => role === 'user');
	const question = textOf(messages[lastUser] ?? {});
	const asked = messages.slice(lastUser + 1).some(({ role }) => role === 'tool');
	const tool = tools?.[0]?.function;
	if (tool && !asked) {
		const [name = 'input'] = Object.keys(tool.parameters?.properties ?? {});
		const call = { name: tool.name, arguments: JSON.stringify({ [name]: question }) };
		return {
			role: 'assistant',
			content: '',
			tool_calls: [{ id: 'call1', type: 'function', function: call }],
		};
	}
	const city = /door code of the (\w+) office\?/.exec(question)?.[1];
	const known = messages.map(textOf).join('\n');
	const code = new RegExp(`door code of the ${city} office is (\\d+)`).exec(known)?.[1];
	return { role: 'assistant', content: code ? `The code is ${code}. [1]` : 'The passages do not say.' };
}

const usage = { prompt_tokens: 300, completion_tokens: 8, total_tokens: 308 };
const common = { id: 'c', created: 1, model: 'scripted' };

function streamed(message) {
	const finish = message.tool_calls ? 'tool_calls' : 'stop';
	const deltas = message.tool_calls
		? [{ role: 'assistant', tool_calls: message.tool_calls.map((call, index) => ({ index, ...call })) }]
		: message.content.split(/(?= )/).map((content) => ({ role: 'assistant', content }));
	const lines = [
		...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
		{ choices: [{ index: 0, delta: {}, finish_reason: finish }] },
		{ choices: [], usage },
	].map((line) => `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...line })}\n\n`);
	return `${lines.join('')}data: [DONE]\n\n`;
}

function collected(message) {
	const finish = message.tool_calls ? 'tool_calls' : 'stop';
	const choices = [{ index: 0, message, finish_reason: finish }];
	return { ...common, object: 'chat.completion', choices, usage };
}

function embeddings({ input, encoding_format: encoding }) {
	const data = [input].flat().map((text, index) => {
		const vector = vectorOf(text);
		const embedding = encoding === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
		return { object: 'embedding', index, embedding };
	});
	return { object: 'list', model: 'words', data, usage: { prompt_tokens: 1, total_tokens: 1 } };
}

const server = createServer({ noDelay: true }, (request, response) => {
	const json = (body) => response.end(JSON.stringify(body));
	response.setHeader('content-type', 'application/json');
	if (request.method === 'GET') {
		const data = ['scripted', 'words'].map((id) => ({ id, object: 'model', owned_by: 'bench' }));
		return void json({ object: 'list', data });
	}
	const parts = [];
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		const body = JSON.parse(Buffer.concat(parts).toString());
		if (request.url.endsWith('/embeddings')) return void json(embeddings(body));
		if (!body.stream) return void json(collected(reply(body)));
		response.setHeader('content-type', 'text/event-stream');
		response.end(streamed(reply(body)));
	});
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
