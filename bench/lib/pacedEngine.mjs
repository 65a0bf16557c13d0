/**
 * An engine that costs next to nothing, in a process of its own, on raw sockets. The model's name says how it answers:
 * "burst-N": N tokens, each in an HTTP chunk of its own, all written at once (what the client does is what is measured);
 * "stamped-N-G": N tokens, one every G ms, each "received:sent;" in ns of the machine's clock, so that a client can tell its
 * own delay from the engine's pace. Embeddings take a fixed time a batch and a token, one batch after the other, as on
 * a GPU: "embed-D-B-T": D dimensions, B ms a batch, T µs a token of four characters.
 */
import { createServer } from 'node:net';

const open = (delta, finish = null) =>
	`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${JSON.stringify(delta)},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
const chunked = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const first = chunked(open({ role: 'assistant', content: '' }));
const word = (i) => chunked(open({ content: ` word${i % 100}` }));
const tail = (tokens) =>
	chunked(open({}, 'stop')) +
	chunked(
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":${tokens},"total_tokens":${tokens + 8}}}\n\n`,
	) +
	chunked('data: [DONE]\n\n') +
	'0\r\n\r\n';

/** What it lists: clients do not ask for a model that an engine does not hold. */
const MODELS = ['burst-1', 'burst-20', 'burst-200', 'stamped-16-10', 'embed-384-2-10'];

const bursts = new Map();
function burst(tokens) {
	let body = bursts.get(tokens);
	if (body === undefined) {
		let text = head + first;
		for (let i = 0; i < tokens; i++) text += word(i);
		body = Buffer.from(text + tail(tokens));
		bursts.set(tokens, body);
	}
	return body;
}

function stamped(socket, tokens, gap) {
	const received = process.hrtime.bigint();
	socket.write(head + first);
	let sent = 0;
	const timer = setInterval(() => {
		if (socket.destroyed) return clearInterval(timer);
		const token = chunked(open({ content: `${received}:${process.hrtime.bigint()};` }));
		if (++sent < tokens) return socket.write(token);
		clearInterval(timer);
		socket.write(token + tail(tokens));
	}, gap);
}

const json = (value) => {
	const body = JSON.stringify(value);
	return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

const vectors = new Map();
function vectorOf(text, dimensions) {
	// A few vectors stand for all: making them is not what is measured.
	const key = `${text.length % 16}:${dimensions}`;
	let made = vectors.get(key);
	if (made === undefined) {
		const floats = Float32Array.from({ length: dimensions }, (_, i) =>
			Math.fround(Math.sin(i * 12.9898 + text.length)),
		);
		const norm = Math.hypot(...floats);
		const unit = floats.map((x) => x / norm);
		made = { numbers: [...unit], base64: Buffer.from(unit.buffer).toString('base64') };
		vectors.set(key, made);
	}
	return made;
}

let free = 0;
/** The engine works on one batch at a time: this one begins when those before it are done. */
function whenComputed(ms, then) {
	const now = performance.now();
	free = Math.max(free, now) + ms;
	setTimeout(then, Math.max(free - performance.now(), 0));
}

function embed(socket, { model, input, encoding_format: format }, ollama) {
	const texts = Array.isArray(input) ? input : [input];
	const [, dimensions = '384', perBatch = '2', perToken = '20'] = model.split('-');
	const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
	whenComputed(Number(perBatch) + (tokens * Number(perToken)) / 1000, () => {
		const made = texts.map((text) => vectorOf(text, Number(dimensions)));
		if (ollama)
			return socket.write(
				json({ model, embeddings: made.map(({ numbers }) => numbers), prompt_eval_count: tokens }),
			);
		const data = made.map(({ numbers, base64 }, index) => ({
			object: 'embedding',
			index,
			embedding: format === 'base64' ? base64 : numbers,
		}));
		socket.write(
			json({ object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } }),
		);
	});
}

function answer(socket, path, body) {
	if (path === '/v1/models')
		return socket.write(json({ object: 'list', data: MODELS.map((id) => ({ id, object: 'model' })) }));
	const request = JSON.parse(body);
	if (path === '/v1/embeddings') return embed(socket, request, false);
	if (path === '/api/embed') return embed(socket, request, true);
	const [kind, tokens, gap] = request.model.split('-');
	if (kind === 'stamped') return stamped(socket, Number(tokens), Number(gap));
	return socket.write(burst(Number(tokens)));
}

const server = createServer({ noDelay: true }, (socket) => {
	let received = '';
	socket.on('error', () => socket.destroy());
	socket.on('data', (data) => {
		received += data.toString('latin1');
		for (;;) {
			const end = received.indexOf('\r\n\r\n');
			if (end === -1) return;
			const length = Number(/content-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? 0);
			if (received.length < end + 4 + length) return;
			const path = received.slice(received.indexOf(' ') + 1, received.indexOf(' HTTP/'));
			const body = Buffer.from(received.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
			received = received.slice(end + 4 + length);
			answer(socket, path, body);
		}
	});
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
