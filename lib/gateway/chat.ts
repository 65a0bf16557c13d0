import type { ServerResponse } from 'node:http';
import { AnswerCollector, ChunkWriter, toCompletion } from './chatAnswer';
import { parseChat } from './chatRequest';
import { FAULT_OF_OURS, toWireError } from './errors';
import { EventStream } from './eventStream';
import type { RouteContext } from './exchange';
import { sendJson, UNREAD_MS } from './respond';
import type { GatewayOptions } from './types';

/**
 * `/chat/completions`. Without `stream` the collected answer; with it a server-sent stream whose headers wait for the first
 * token, so that an engine's refusal still is an HTTP error. After that, or once a keep-alive was sent, an error is a last
 * `data: {"error": …}` without `[DONE]`, which OpenAI's clients throw.
 *
 * @returns the status that was sent
 */
export async function answerChat(
	body: object,
	response: ServerResponse,
	options: GatewayOptions,
	aliases: ReadonlyMap<string, string>,
	context: RouteContext,
): Promise<number> {
	const { log, call } = context;
	const { request: asked, stream, includeUsage, ignored } = parseChat(body);
	const model = asked.model === undefined ? undefined : (aliases.get(asked.model) ?? asked.model);
	const request = model === undefined ? asked : { ...asked, model };
	log.asked(request, asked.model, stream);
	const headers: Record<string, string> =
		ignored.length > 0 ? { 'x-gateway-ignored': ignored.join(', ') } : {};
	if (!stream) {
		const result = await options.engines.complete(request, call);
		log.completed(result);
		sendJson(response, 200, toCompletion(log.id, log.created, result), {
			...headers,
			'x-engine': headerText(result.engine),
		});
		return 200;
	}
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
	try {
		const chunks = new ChunkWriter(log.id, log.created);
		const collector = new AnswerCollector();
		log.answeredBy(() => collector.answer());
		for await (const event of options.engines.chat(request, call)) {
			collector.add(event);
			if (event.type === 'start') {
				const { engine, model: used, attempts } = event;
				log.add({ engine, model: used, attempts });
				headers['x-engine'] = headerText(engine);
			} else if (event.type === 'end') log.add({ usage: event.usage, timings: event.timings });
			await events.write(chunks.write(event, includeUsage));
		}
		await events.end();
		return 200;
	} catch (thrown) {
		if (!events.started) throw thrown;
		const { body: error } = toWireError(thrown) ?? FAULT_OF_OURS;
		await events.write(`data: ${JSON.stringify(error)}\n\n`);
		await events.end();
		throw thrown;
	} finally {
		events.abandon();
	}
}

/** Names are people's; a header holds printable ASCII only. */
const headerText = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
