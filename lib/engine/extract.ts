import type { ErrorObject, ValidateFunction } from 'ajv';
import { EngineError } from './errors';
import type {
	CallOptions,
	ChatMessage,
	ChatRequest,
	ChatResult,
	ExtractOptions,
	ExtractResult,
	JsonSchema,
} from './types';

const MAX_REPAIRS = 2;
/** Errors shown to the model at once: more than a few confuse it. */
const SHOWN_ERRORS = 8;
/** A broken answer is shown back up to this length. */
const SHOWN_ANSWER = 4_000;

/**
 * Asks for one JSON value that keeps to a schema. Constrained decoding where the engine has it, an instruction where not;
 * the answer is validated in any case, and a model that fell short is shown its errors and asked again, at most
 * `maxRepairs` times.
 *
 * @throws EngineError `invalidRequest` (the schema is none), `badAnswer` (still wrong after the last repair; `partial`
 * holds the answer), or what `complete` throws.
 */
export async function extract<T>(
	complete: (request: ChatRequest, call: CallOptions) => Promise<ChatResult>,
	request: ChatRequest & { readonly schema: JsonSchema } & ExtractOptions,
	call: CallOptions,
): Promise<ExtractResult<T>> {
	const { schema, maxRepairs = MAX_REPAIRS, ...chat } = request;
	const validate = await compile<T>(schema);
	const messages: ChatMessage[] = [...chat.messages];
	for (let repairs = 0; ; repairs++) {
		const result = await complete(
			{ ...chat, messages, responseFormat: { type: 'jsonSchema', schema, fallback: 'prompt' } },
			call,
		);
		const { value, problems } = judge(result, validate);
		if (problems === undefined) return { ...result, value, repairs };
		if (repairs >= maxRepairs) {
			throw new EngineError(
				'badAnswer',
				`"${result.model}" on ${result.engine} did not keep to the schema, also after being shown its errors ${repairs} times: ${problems[0] ?? ''}. Try a larger model, a simpler schema, or a higher limit of tokens.`,
				{ engine: result.engine, model: result.model, partial: result, attempts: result.attempts },
			);
		}
		messages.push(
			{ role: 'assistant', content: result.text.slice(0, SHOWN_ANSWER) },
			{
				role: 'user',
				content: `That is not valid:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nAnswer again with the corrected JSON and nothing else.`,
			},
		);
	}
}

async function compile<T>(schema: JsonSchema): Promise<ValidateFunction<T>> {
	const { Ajv } = await import('ajv');
	try {
		// Schemas of users carry keywords of other tools ("example", "title" …): unknown ones are no error.
		const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
		return ajv.compile<T>(withoutDialect(schema));
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new EngineError('invalidRequest', `The JSON schema is not valid: ${reason}`, { cause });
	}
}

/** Ajv refuses a `$schema` it has not loaded (2020-12); the keywords that matter here mean the same in both. */
function withoutDialect(schema: JsonSchema): JsonSchema {
	return Object.fromEntries(
		Object.entries(schema).filter(([keyword]) => keyword !== '$schema' && keyword !== '$id'),
	);
}

type Judged<T> =
	| { readonly value: T; readonly problems?: undefined }
	| { readonly value?: undefined; readonly problems: readonly string[] };

function judge<T>(result: ChatResult, validate: ValidateFunction<T>): Judged<T> {
	// Constrained JSON allows unlimited blanks: a weak model can spend its whole budget on them (transcripts, finding 14).
	if (result.finishReason === 'length') {
		return { problems: ['the answer was cut off because it reached the limit of tokens; be brief'] };
	}
	let value: unknown;
	try {
		value = JSON.parse(jsonIn(result.text));
	} catch (error) {
		return {
			problems: [`the answer is no JSON (${error instanceof Error ? error.message : String(error)})`],
		};
	}
	if (validate(value)) return { value };
	return { problems: (validate.errors ?? []).slice(0, SHOWN_ERRORS).map(describe) };
}

function describe(error: ErrorObject): string {
	const where = error.instancePath === '' ? 'the value' : error.instancePath;
	const detail =
		'additionalProperty' in error.params
			? ` (${String(error.params.additionalProperty)})`
			: 'allowedValues' in error.params
				? ` (${String(error.params.allowedValues)})`
				: '';
	return `${where} ${error.message ?? 'is not valid'}${detail}`;
}

/** The JSON in an answer of a model that was only asked for it: without code fences and the words around it. */
export function jsonIn(text: string): string {
	const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text);
	const body = (fenced?.[1] ?? text).trim();
	if (/^[[{"\d-]|^(?:true|false|null)\b/.test(body)) return body;
	const start = body.search(/[[{]/);
	const end = Math.max(body.lastIndexOf('}'), body.lastIndexOf(']'));
	return start === -1 || end < start ? body : body.slice(start, end + 1);
}
