/**
 * An OpenAI-compatible engine that fails on demand, in a process of its own. Answers "number N" with 20 tokens "N.0 … N.19 ".
 * Modes: ok; cut (one stream in two ends without its end, at a random token); hang (takes requests, says nothing); silent (stops
 * in the middle, connection open); busy (503).
 */
import { createServer } from 'node:http';

let mode = 'ok';
const line = (delta, finish = null) =>
	`data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const server = createServer((request, response) => {
	let body = '';
	request.on('data', (chunk) => (body += chunk));
	request.on('end', () => {
		const number = /number (\d+)/.exec(body)?.[1] ?? '?';
		if (mode === 'hang') return;
		if (mode === 'busy') {
			response.writeHead(503, { 'content-type': 'application/json' });
			response.end('{"error":{"message":"server busy, please try again"}}');
			return;
		}
		const cutAt =
			mode === 'cut' && Math.random() < 0.5 ? Math.floor(Math.random() * 20) : mode === 'silent' ? 5 : -1;
		const how = mode;
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		let sent = 0;
		const timer = setInterval(() => {
			if (response.destroyed) return clearInterval(timer);
			if (sent === cutAt) {
				clearInterval(timer);
				// Half of the cuts look clean: the body ends as it should, only the answer does not.
				if (how === 'cut') Math.random() < 0.5 ? response.socket.destroy() : response.end();
				return;
			}
			response.write(line({ content: `${number}.${sent} ` }));
			if (++sent < 20) return;
			clearInterval(timer);
			response.end(`${line({}, 'stop')}data: [DONE]\n\n`);
		}, 2);
	});
});
process.on('message', (message) => (mode = message.mode));
process.on('disconnect', () => process.exit(0));
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.send({ port: server.address().port }));
