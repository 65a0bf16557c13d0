import type { ServerResponse } from 'node:http';
import { sumOfUsage, type CallOptions, type ChatRequest, type Usage } from '../engine';
import { AnswerCollector, ChunkWriter, toCompletion } from './chatAnswer';
import { parseChat } from './chatRequest';
import { together } from './choices';
import { FAULT_OF_OURS, GatewayError, toWireError } from './errors';
import { EventStream } from './eventStream';
import type { RouteContext } from './exchange';
import type { ChatProtocol } from './protocol';
import { answerHeaders, sendJson, UNREAD_MS } from './respond';
import type { GatewayOptions } from './types';

/** OpenAI's chat completions. */
export const chatCompletions: ChatProtocol = {
	parse: parseChat,
	whole: toCompletion,
	writer: ({ id, created }, { includeUsage, further = [] }) =>
		new ChunkWriter(id, created, includeUsage, 1 + further.length),
};

/**
 * Answers a chat in the client's protocol. Without `stream` the collected answer; with it a server-sent stream whose headers
 * wait for the first token, so that an engine's refusal still is an HTTP error. After that, or once a keep-alive was sent, an
 * error is told inside the stream, in the way that the protocol's clients throw. Of several answers the exchange keeps the
 * first, with the usage of all.
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
	const named = (one: ChatRequest): ChatRequest => (model === undefined ? one : { ...one, model });
	const request = named(asked);
	const further = parsed.further?.map(named) ?? [];
	log.asked(request, asked.model, stream);
	const byWorkflow = workflow?.has(model) === true;
	if (byWorkflow && further.length > 0)
		throw new GatewayError(
			'invalidRequest',
			`The model "${model}" is a workflow, which gives one answer to a request. Ask several times instead.`,
			{ param: 'n' },
		);
	const engines = byWorkflow ? workflow.engines({ log, body, stream }) : options.engines;
	if (!stream) {
		const [result, ...others] =
			further.length === 0
				? [await engines.complete(request, call)]
				: await together([request, ...further], call, (one, _, each) => engines.complete(one, each));
		if (result === undefined) throw new Error('no answer to a request');
		log.completed(result, others);
		sendJson(
			response,
			200,
			protocol.whole(result, log, body, others),
			answerHeaders([...ignored, ...(result.ignored ?? [])], result.engine),
		);
		return 200;
	}
	let headers: Record<string, string> = answerHeaders(ignored);
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
		const usages: Usage[] = [];
		log.answeredBy(() => collector.answer());
		const stream = async (one: ChatRequest, choice: number, each: CallOptions): Promise<void> => {
			for await (const event of engines.chat(one, each)) {
				if (choice === 0) collector.add(event);
				if (event.type === 'start' && choice === 0) {
					const { engine, model: used, attempts } = event;
					log.add({ engine, model: used, attempts });
					headers = answerHeaders([...ignored, ...(event.ignored ?? [])], engine);
				} else if (event.type === 'end') {
					usages.push(event.usage);
					log.add({ usage: sumOfUsage(usages), timings: event.timings });
				}
				const lines = writer.write(event, choice);
				if (lines !== '') await events.write(lines);
			}
		};
		if (further.length === 0) await stream(request, 0, call);
		else await together([request, ...further], call, stream);
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
