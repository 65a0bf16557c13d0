import { EnginePool, type EngineErrorKind } from '../../../lib/engine';
import { failureOfAnswer, kindOf, wordsOf } from '../../../lib/engine/wire/failure';
import { replayServer } from './support/replayServer';
import { allTranscripts, bodyOf, type RecordedEngine } from './support/transcripts';

/** Kind of every recorded error answer, by case; a case that is missing here fails the test. */
const KINDS: { readonly [engine in RecordedEngine]: { readonly [name: string]: EngineErrorKind } } = {
	'llama-server': {
		'auth-metrics-disabled': 'unsupported',
		'auth-missing': 'unauthorized',
		'auth-models-without-key': 'unauthorized',
		'auth-props-without-key': 'unauthorized',
		'auth-wrong': 'unauthorized',
		'busy-health-fail-on-no-slot': 'overloaded',
		'chat-json-schema-bad-type': 'invalidRequest',
		'chat-response-format-unknown': 'invalidRequest',
		'embed-bad-encoding-format': 'invalidRequest',
		'embed-batch-one-too-long': 'contextExceeded',
		'embed-chat-on-embed-server': 'unsupported',
		'embed-empty-list': 'invalidRequest',
		'embed-missing-input': 'invalidRequest',
		'embed-rerank-on-embed-server': 'unsupported',
		'embed-too-long': 'contextExceeded',
		'err-bad-param-type': 'invalidRequest',
		'err-bad-role-type': 'invalidRequest',
		'err-context-overflow': 'contextExceeded',
		'err-context-overflow-stream': 'contextExceeded',
		'err-embeddings-on-chat-server': 'unsupported',
		'err-empty-body': 'invalidRequest',
		'err-image-input': 'unsupported',
		'err-malformed-json': 'invalidRequest',
		'err-method': 'unsupported',
		'err-no-messages': 'invalidRequest',
		'err-not-found-path': 'unsupported',
		'err-rerank-on-chat-server': 'unsupported',
		'err-tools-bad-shape': 'invalidRequest',
		'err-unknown-content-part': 'invalidRequest',
		'loading-chat-503': 'loading',
		'loading-health-503': 'loading',
		'loading-models': 'loading',
		'native-err-context-overflow': 'contextExceeded',
		'native-err-image-input': 'unsupported',
		'native-metrics-disabled': 'unsupported',
		'rerank-doc-too-long': 'contextExceeded',
		'rerank-empty-docs': 'invalidRequest',
		'rerank-no-query': 'invalidRequest',
		'router-embeddings-on-chat-model': 'unsupported',
		'router-load-again': 'invalidRequest',
		'router-load-unknown': 'unsupported',
		'router-model-damaged': 'loadFailed',
		'router-model-missing-name': 'invalidRequest',
		'router-model-not-found': 'modelNotFound',
		'router-slots': 'invalidRequest',
		'router-unload-again': 'invalidRequest',
	},
	ollama: {
		'context-overflow-truncate-false': 'contextExceeded',
		'cors-origin-foreign': 'unauthorized',
		'embed-bad-input-type': 'invalidRequest',
		'embed-model-not-found': 'modelNotFound',
		'embed-too-long-truncate-false': 'contextExceeded',
		'err-bad-types': 'invalidRequest',
		'err-chat-with-embedding-model': 'unsupported',
		'err-empty-body': 'invalidRequest',
		'err-format-bad-schema': 'invalidRequest',
		'err-format-unknown': 'invalidRequest',
		'err-keep-alive-bad': 'invalidRequest',
		'err-malformed-json': 'invalidRequest',
		'err-method': 'unsupported',
		'err-model-not-found': 'modelNotFound',
		'err-no-model': 'invalidRequest',
		'err-not-found-path': 'unsupported',
		'err-option-bad-type': 'invalidRequest',
		'err-queue-full-503-other-models': 'overloaded',
		'err-thinking-bad-value': 'invalidRequest',
		'err-thinking-unsupported': 'unsupported',
		'err-tool-arguments-as-string': 'invalidRequest',
		'err-tools-unsupported': 'unsupported',
		'health-absent': 'unsupported',
		'host-header-foreign': 'unauthorized',
		'metrics-absent': 'unsupported',
		'openai-embeddings-tokens': 'invalidRequest',
		'openai-err-malformed': 'invalidRequest',
		'openai-err-messages-empty': 'invalidRequest',
		'openai-err-model-not-found': 'modelNotFound',
		'openai-err-queue-full-503': 'overloaded',
		'openai-err-tools-unsupported': 'unsupported',
		'openai-image-url-http': 'unsupported',
		'openai-reasoning-effort-unsupported-model': 'unsupported',
		'rerank-absent': 'unsupported',
		'v033-context-overflow-default': 'contextExceeded',
		'v033-context-overflow-truncate-false': 'contextExceeded',
		'v033-embed-batch-one-too-long': 'contextExceeded',
		'v033-embed-too-long-truncate-false': 'contextExceeded',
		'v033-embed-with-chat-model': 'unsupported',
		'v033-err-chat-with-embedding-model': 'unsupported',
		'v033-err-format-bad-schema': 'invalidRequest',
		'v033-err-image-input': 'unsupported',
		'v033-err-model-not-found': 'modelNotFound',
		'v033-err-thinking-unsupported': 'unsupported',
		'v033-openai-context-overflow': 'contextExceeded',
	},
	vllm: {
		'auth-missing': 'unauthorized',
		'auth-models-without-key': 'unauthorized',
		'auth-wrong': 'unauthorized',
		'chat-max-tokens-0': 'invalidRequest',
		'embed-batch-one-too-long': 'contextExceeded',
		'embed-chat-on-embed-server': 'unsupported',
		'embed-dimensions': 'unsupported',
		'embed-empty-list': 'invalidRequest',
		'embed-missing-input': 'invalidRequest',
		'embed-too-long': 'contextExceeded',
		'embed-wrong-model': 'modelNotFound',
		'engine-killed-health': 'server',
		'engine-killed-next-request': 'server',
		'err-bad-param-type': 'invalidRequest',
		'err-context-overflow': 'contextExceeded',
		'err-context-overflow-stream': 'contextExceeded',
		'err-embeddings-on-chat-server': 'unsupported',
		'err-empty-body': 'invalidRequest',
		'err-image-input': 'unsupported',
		'err-json-schema-bad': 'invalidRequest',
		'err-malformed-json': 'invalidRequest',
		'err-max-tokens-beyond-context': 'contextExceeded',
		'err-messages-empty': 'invalidRequest',
		'err-method': 'unsupported',
		'err-no-messages': 'invalidRequest',
		'err-not-found-path': 'unsupported',
		'err-rerank-on-chat-server': 'unsupported',
		'err-response-format-unknown': 'invalidRequest',
		'err-structured-bad-regex': 'invalidRequest',
		'err-temperature-negative': 'invalidRequest',
		'err-tool-choice-unknown-function': 'invalidRequest',
		'err-tool-choice-without-tools': 'invalidRequest',
		'err-tools-auto-without-parser': 'unsupported',
		'err-tools-bad-shape': 'invalidRequest',
		'err-top-logprobs-too-many': 'invalidRequest',
		'err-unknown-content-part': 'invalidRequest',
		'err-wrong-model': 'modelNotFound',
		'rerank-doc-too-long': 'contextExceeded',
		'rerank-embeddings-on-rerank-server': 'unsupported',
		'rerank-empty-docs': 'invalidRequest',
		'rerank-no-query': 'invalidRequest',
		'tools-default-choice-without-parser': 'unsupported',
		'tools-named-without-parser': 'unsupported',
		'tools-required-without-parser': 'unsupported',
	},
	tei: {
		'auth-info-without-key': 'unauthorized',
		'auth-missing': 'unauthorized',
		'auth-wrong': 'unauthorized',
		'batch-one-too-long-truncate-false': 'contextExceeded',
		'chat-absent': 'unsupported',
		'embed-batch-one-empty': 'invalidRequest',
		'embed-empty-list': 'invalidRequest',
		'embed-empty-string': 'invalidRequest',
		'err-batch-too-large': 'invalidRequest',
		'err-content-type-text-plain': 'invalidRequest',
		'err-embed-sparse': 'unsupported',
		'err-empty-body': 'invalidRequest',
		'err-malformed-json': 'invalidRequest',
		'err-method': 'unsupported',
		'err-missing-inputs': 'invalidRequest',
		'err-not-found-path': 'unsupported',
		'err-overloaded-429': 'overloaded',
		'err-overloaded-429-concurrent': 'overloaded',
		'err-payload-too-large': 'invalidRequest',
		'err-predict-on-embed-model': 'unsupported',
		'err-rerank-on-embed-model': 'unsupported',
		'err-wrong-type': 'invalidRequest',
		'idle-batch-3-max-concurrent-2': 'overloaded',
		models: 'unsupported',
		'openai-empty-list': 'invalidRequest',
		'openai-empty-string': 'invalidRequest',
		'openai-err-batch-too-large': 'invalidRequest',
		'openai-err-missing-input': 'invalidRequest',
		'openai-err-overloaded-429': 'overloaded',
		'rerank-batch-too-large': 'invalidRequest',
		'rerank-cohere-body-on-rerank': 'invalidRequest',
		'rerank-cohere-shape': 'unsupported',
		'rerank-embed-on-rerank-model': 'unsupported',
		'rerank-empty': 'invalidRequest',
		'rerank-too-long-truncate-false': 'contextExceeded',
		'too-long-truncate-false': 'contextExceeded',
	},
};

const asked = { engine: 'e1', baseUrl: 'http://e1', model: 'm' };
const errors = allTranscripts().filter(({ transcript }) => (transcript.response.status ?? 0) >= 400);

describe('every recorded error answer', () => {
	test('the table names exactly the recorded errors', () => {
		const named = Object.entries(KINDS).flatMap(([engine, cases]) =>
			Object.keys(cases).map((name) => `${engine}/${name}`),
		);
		expect(named.sort()).toEqual(errors.map(({ engine, name }) => `${engine}/${name}`).sort());
		expect(errors.length).toBe(171);
	});

	test.each(errors.map(({ engine, name, transcript }) => ({ engine, name, transcript })))(
		'$engine/$name has the right kind and keeps the engine’s words',
		({ engine, name, transcript }) => {
			const body = bodyOf(transcript);
			const error = failureOfAnswer({ status: transcript.response.status ?? 0 }, body, asked);
			expect(error.kind).toBe(KINDS[engine][name]);
			expect(error.status).toBe(transcript.response.status);
			expect(error.engine).toBe('e1');
			if (body === '') {
				expect(error.engineMessage).toBeUndefined();
			} else {
				const words = wordsOf(body);
				expect(words.length).toBeGreaterThan(0);
				expect(words.startsWith('{')).toBe(false);
				expect(error.engineMessage).toBe(words.slice(0, 2000));
				expect(error.message).toContain(words.slice(0, 200));
			}
		},
	);

	test('figures of an overflow are read from the sentence', () => {
		const figures = (engine: RecordedEngine, name: string) => {
			const found = errors.find((entry) => entry.engine === engine && entry.name === name);
			const error = failureOfAnswer(
				{ status: 400 },
				found === undefined ? '' : bodyOf(found.transcript),
				asked,
			);
			return [error.promptTokens, error.contextTokens];
		};
		expect(figures('llama-server', 'err-context-overflow')).toEqual([2726, 512]);
		expect(figures('llama-server', 'embed-too-long')).toEqual([702, 512]);
		expect(figures('tei', 'too-long-truncate-false')).toEqual([702, 256]);
		expect(figures('vllm', 'err-context-overflow')).toEqual([1025, 1024]);
		expect(figures('vllm', 'err-max-tokens-beyond-context')).toEqual([undefined, 1024]);
	});
});

describe('errors known from documentation', () => {
	test.each<[number, string, EngineErrorKind]>([
		[
			400,
			'The number of tokens to keep from the initial prompt is greater than the context length',
			'contextExceeded',
		],
		[
			400,
			"The input (9000 tokens) is longer than the model's context length (8192 tokens).",
			'contextExceeded',
		],
		[
			400,
			"This model's maximum context length is 8192 tokens. However, you requested 9000 output tokens and your prompt contains at least 12 input tokens",
			'contextExceeded',
		],
		[413, 'the input length exceeds the context length', 'contextExceeded'],
		// LM Studio 0.3 and 0.4
		[
			400,
			'Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input',
			'contextExceeded',
		],
		[400, 'Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)', 'contextExceeded'],
		[400, 'No models loaded. Please load a model in the developer page.', 'modelNotFound'],
		// SGLang
		[
			400,
			'Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).',
			'contextExceeded',
		],
		[
			400,
			"Requested token count exceeds the model's maximum context length of 202752 tokens. You requested a total of 202941 tokens: 170941 tokens from the input messages and 32000 tokens for the completion.",
			'contextExceeded',
		],
		// Ollama 0.32 (ollama/ollama#17638, #14492), llama.cpp: of what their models wrote
		[500, `error parsing tool call: raw='{"city":"Par', err=unexpected end of JSON input`, 'badAnswer'],
		[500, 'failed to parse JSON: unexpected end of JSON input', 'badAnswer'],
		[500, 'Failed to parse input at pos 12: <tool_call>', 'badAnswer'],
		// llama.cpp as a router
		[404, 'model is not found', 'modelNotFound'],
		[400, "model 'nope' not found", 'modelNotFound'],
		[503, 'The model is still loading', 'loading'],
		[400, 'unexpected quotation mark', 'invalidRequest'],
		[529, '', 'overloaded'],
		[429, 'slow down', 'rateLimited'],
		[502, '<html>Bad Gateway</html>', 'unreachable'],
		[503, '<html>Service Unavailable</html>', 'overloaded'],
		[403, 'forbidden', 'unauthorized'],
		[418, "I'm a teapot", 'invalidRequest'],
		[500, '', 'server'],
	])('%i %s', (status, words, kind) => {
		expect(kindOf(status, words)).toBe(kind);
	});
});

test('figures of documented overflows are read too', () => {
	const figures = (message: string) => {
		const { promptTokens, contextTokens } = failureOfAnswer(
			{ status: 400 },
			JSON.stringify({ error: { message } }),
			asked,
		);
		return [promptTokens, contextTokens];
	};
	expect(
		figures(
			"Requested token count exceeds the model's maximum context length of 202752 tokens. You requested a total of 202941 tokens: 170941 tokens from the input messages and 32000 tokens for the completion.",
		),
	).toEqual([170_941, 202_752]);
	expect(figures('Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens).')).toEqual([
		160_062, 59_862,
	]);
	expect(
		figures(
			'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 10247 >= n_ctx: 4096).',
		),
	).toEqual([10_247, 4_096]);
});

test('what FastAPI’s engines find wrong with a body is told in words', () => {
	const body = { detail: [{ loc: ['body', 'messages'], msg: 'Field required', type: 'missing' }] };
	expect(wordsOf(JSON.stringify(body))).toBe('body.messages: Field required');
});

test('a key the engine repeats in its message is taken out', async () => {
	const server = await replayServer(() => ({
		status: 401,
		body: { error: { message: 'Incorrect API key provided: sk-secret-123' } },
	}));
	const pool = new EnginePool(
		[{ name: 'e1', dialect: 'openai', baseUrl: server.url, apiKey: 'sk-secret-123', models: { chat: 'm' } }],
		{ rounds: 0 },
	);
	const error: unknown = await pool
		.complete({ messages: [{ role: 'user', content: 'x' }] })
		.catch((thrown: unknown) => thrown);
	expect(error).toMatchObject({ kind: 'unauthorized', engineMessage: 'Incorrect API key provided: ***' });
	expect(JSON.stringify(error) + String(error)).not.toContain('sk-secret-123');
	await pool.close();
	await server.close();
});
