import type { DialectSpec } from '../dialects';
import type { ChatRequest } from '../types/chat';
import type { ChatMessage, JsonSchema } from '../types/messages';

/**
 * Writes a request for an engine that lacks the constrained decoding it asks for, where the caller said that an
 * instruction will do (`fallback: 'prompt'`): JSON mode where there is that, and the schema or the choices in words.
 */
export function shapeFor(spec: DialectSpec, request: ChatRequest): ChatRequest {
	const format = request.responseFormat;
	if (format === undefined || spec.can.has(format.type)) return request;
	if (format.type === 'jsonSchema')
		return {
			...schemaInWords(request, format.schema),
			responseFormat: spec.can.has('json') ? { type: 'json' } : undefined,
		};
	if (format.type === 'choice') {
		const words = `Answer with exactly one of these and nothing else:\n${format.options.join('\n')}`;
		return { ...request, messages: instructed(request.messages, words), responseFormat: undefined };
	}
	return request;
}

/** The request with the schema as an instruction, and no constraint on how it is answered. */
export function schemaInWords(request: ChatRequest, schema: JsonSchema): ChatRequest {
	const words = `Answer with one JSON value and nothing else: no explanation, no code fence. It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
	return { ...request, messages: instructed(request.messages, words), responseFormat: undefined };
}

/** Added to the system prompt, because not every chat template takes two. */
function instructed(messages: readonly ChatMessage[], words: string): ChatMessage[] {
	const [first, ...rest] = messages;
	if (first?.role === 'system' && typeof first.content === 'string') {
		return [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest];
	}
	return [{ role: 'system', content: words }, ...messages];
}
