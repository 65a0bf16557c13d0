import type { EngineErrorKind } from '../errors';

/** Who was asked what: named in the message of every error. */
export interface Asked {
	readonly engine: string;
	readonly baseUrl: string;
	readonly model?: string;
	readonly redact?: (text: string) => string;
}

/** The sentence people see: what happened, to which engine, what to do. The engine's words come last. */
export function advise(kind: EngineErrorKind, asked: Asked, words: string, status?: number): string {
	const said =
		words === '' ? (status === undefined ? '' : ` (HTTP ${status}, no message)`) : ` It said: ${words}`;
	const { engine } = asked;
	const model = asked.model === undefined || asked.model === '' ? 'the model' : `the model "${asked.model}"`;
	switch (kind) {
		case 'unreachable':
			return `${engine} (${asked.baseUrl}) cannot be reached. Is it running, and is the address right from where n8n runs?${status === undefined ? ` (${words})` : said}`;
		case 'loading':
			return `${engine} is still loading ${model}.${said}`;
		case 'loadFailed':
			return `${engine} could not load ${model}: it needs more memory than there is, or its file is damaged. Free memory, or choose a smaller model.${said}`;
		case 'overloaded':
			return `${engine} has no room for another request now. Send fewer at once, or add an engine.${said}`;
		case 'rateLimited':
			return `${engine} asks to slow down.${said}`;
		case 'unauthorized':
			return status === 403 && words === ''
				? `${engine} refuses the request without a word (HTTP 403). Ollama does so for foreign Host and Origin headers: see its OLLAMA_HOST and OLLAMA_ORIGINS.`
				: `${engine} refuses the request: the API key is missing, wrong, or without the right.${said}`;
		case 'modelNotFound':
			return `${engine} does not have ${model}. Choose one that it lists, or pull it there first.${said}`;
		case 'contextExceeded':
			return `The input is longer than what ${engine} has loaded for ${model}. Shorten it, or start the engine with a larger context.${said}`;
		case 'invalidRequest':
			return `${engine} cannot make sense of the request.${said}`;
		case 'unsupported':
			return status === 404
				? `${engine} has no such route. Is the base URL right (${asked.baseUrl}), and is it this type of engine?${said}`
				: `${engine} cannot do this with ${model}.${said}`;
		case 'interrupted':
			return `${engine} broke off in the middle of its answer.${words === '' ? '' : ` (${words})`}`;
		case 'badAnswer':
			return status !== undefined && status >= 400
				? `${engine} could not read the tool call that ${model} wrote: it was cut off at the token limit, or is not valid JSON. Raise "Maximum Tokens", or use a model that is better at calling tools.${said}`
				: `${engine} sent something that is not an answer.${said}`;
		case 'timeout':
			return `${engine} gave up waiting.${said}`;
		case 'cancelled':
			return `The call to ${engine} was cancelled.`;
		case 'server':
			return `${engine} failed inside${status === undefined ? '' : ` (HTTP ${status})`}. Its log says more.${said}`;
	}
}
