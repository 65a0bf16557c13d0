import type { ServerResponse } from 'node:http';
import { AnswerCollector, ChunkWriter, toCompletion } from './chatAnswer';
import { parseChat } from './chatRequest';
import { FAULT_OF_OURS, toWireError } from './errors';
import { EventStream } from './eventStream';
import type { RouteContext } from './exchange';
import type { ChatProtocol } from './protocol';
import { sendJson, UNREAD_MS } from './respond';
import type { GatewayOptions } from './types';

/** OpenAI's chat completions. */
export const chatCompletions: ChatProtocol = {
	parse: parseChat,
	whole: toCompletion,
	writer: ({ id, created }, { includeUsage }) => new ChunkWriter(id, created, includeUsage),
};

/**
 * Answers a chat in the client's protocol. Without `stream` the collected answer; with it a server-sent stream whose headers
 * wait for the first token, so that an engine's refusal still is an HTTP error. After that, or once a keep-alive was sent, an
 * error is told inside the stream, in the way that the protocol's clients throw.
 *
 * @returns the status that was sent
 */
export async function answerChat(
	protocol: ChatProtocol,
	body: object,
	response: ServerResponse,
	options: GatewayOptions,
	aliases: ReadonlyMap<string, string>,
	context: RouteContext,
): Promise<number> {
	const { log, call, workflow } = context;
	const parsed = protocol.parse(body, log.key);
	const { request: asked, stream, ignored } = parsed;
	const model = asked.model === undefined ? undefined : (aliases.get(asked.model) ?? asked.model);
	const request = model === undefined ? asked : { ...asked, model };
	log.asked(request, asked.model, stream);
	const engines = workflow?.has(model) === true ? workflow.engines({ log, body, stream }) : options.engines;
	if (!stream) {
		const result = await engines.complete(request, call);
		log.completed(result);
		sendJson(response, 200, protocol.whole(result, log, body), {
			...ignoredHeader(ignored, result.ignored),
			'x-engine': headerText(result.engine),
		});
		return 200;
	}
	let headers: Record<string, string> = ignoredHeader(ignored);
	const events = new EventStream(
		response,
		() => {
			response.writeHead(200, {
				'content-type': 'text/event-stream; charset=utf-8',
				// no-transform: n8n compresses its answers, and a compressor holds pieces back until it has enough of them.
				'cache-control': 'no-cache, no-transform',
				// nginx buffers streams unless told not to.
				'x-accel-buffering': 'no',
				...headers,
			});
		},
		options.keepAliveMs ?? 10_000,
		options.unreadMs ?? UNREAD_MS,
	);
	const writer = protocol.writer(log, parsed, body);
	try {
		const collector = new AnswerCollector();
		log.answeredBy(() => collector.answer());
		for await (const event of engines.chat(request, call)) {
			collector.add(event);
			if (event.type === 'start') {
				const { engine, model: used, attempts } = event;
				log.add({ engine, model: used, attempts });
				headers = { ...ignoredHeader(ignored, event.ignored), 'x-engine': headerText(engine) };
			} else if (event.type === 'end') log.add({ usage: event.usage, timings: event.timings });
			const lines = writer.write(event);
			if (lines !== '') await events.write(lines);
		}
		await events.end();
		return 200;
	} catch (thrown) {
		if (!events.started) throw thrown;
		await events.write(writer.fail(toWireError(thrown) ?? FAULT_OF_OURS));
		await events.end();
		throw thrown;
	} finally {
		events.abandon();
	}
}

function ignoredHeader(
	byGateway: readonly string[],
	byEngine: readonly string[] = [],
): Record<string, string> {
	const names = [...byGateway, ...byEngine];
	return names.length > 0 ? { 'x-gateway-ignored': headerText(names.join(', ')) } : {};
}

/** Names are people's; a header holds printable ASCII only. */
const headerText = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
