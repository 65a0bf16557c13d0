import { messageOf } from '../support';
import { checkSchema } from '../support/schema';
import { MAX_REPAIRS } from './defaults';
import { EngineError } from './errors';
import { jsonCandidates, parseAnswer } from './jsonAnswer';
import type { ChatRequest, ChatResult, Usage } from './types/chat';
import type { ChatMessage, JsonSchema } from './types/messages';
import type { CallOptions } from './types/pool';
import type { ExtractOptions, ExtractResult } from './types/structured';
import { sumOfUsage } from './usage';
import { schemaInWords } from './wire/shape';

/** A broken answer is shown back up to this length. */
const SHOWN_ANSWER = 4_000;
/** Words of an answer that is no JSON, in the error. */
const SHOWN_WORDS = 300;

/**
 * Asks for one JSON value that keeps to a schema. Constrained decoding where the engine has it, an instruction where not
 * (or where its grammar refuses this schema); the answer is validated in any case, and a model that fell short is shown its errors and asked again, at most
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
	// Before anything is asked: a schema that is none is the caller's mistake.
	const usable = await checkSchema(schema, null);
	if ('invalidSchema' in usable) throw unusable(usable.invalidSchema);
	const messages: ChatMessage[] = [...chat.messages];
	let inWords = false;
	const ask = async (): Promise<ChatResult> => {
		const request = { ...chat, messages };
		if (inWords) return await complete(schemaInWords(request, schema), call);
		try {
			const responseFormat = { type: 'jsonSchema', schema, fallback: 'prompt' } as const;
			return await complete({ ...request, responseFormat }, call);
		} catch (error) {
			if (!(error instanceof EngineError) || !refusesSchema(error)) throw error;
			inWords = true;
			return await complete(schemaInWords(request, schema), call);
		}
	};
	const usages: Usage[] = [];
	for (let repairs = 0; ; repairs++) {
		const answer = await ask();
		usages.push(answer.usage);
		// What all tries together have used.
		const result = { ...answer, usage: sumOfUsage(usages) };
		const { value, problems } = await judge<T>(result, schema);
		if (problems === undefined) return { ...result, value, repairs };
		if (repairs >= maxRepairs) {
			throw new EngineError(
				'badAnswer',
				`"${result.model}" on ${result.engine} did not keep to the schema, also after being shown its errors ${repairs} times: ${problems[0] ?? ''}. ${saidInstead(result.text, problems)}Try a larger model, a simpler schema, or a higher limit of tokens.`,
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

/** A valid schema that the engine's grammar cannot express ("unsupported keyword", "failed to parse grammar" …). */
function refusesSchema({ kind, engineMessage = '' }: EngineError): boolean {
	return (
		(kind === 'invalidRequest' || kind === 'unsupported') &&
		/schema|grammar|structured|guided|response_format|\bformat\b/i.test(engineMessage)
	);
}

type Judged<T> =
	| { readonly value: T; readonly problems?: undefined }
	| { readonly value?: undefined; readonly problems: readonly string[] };

async function judge<T>(result: ChatResult, schema: JsonSchema): Promise<Judged<T>> {
	// Constrained JSON allows unlimited blanks: a weak model can spend its whole budget on them (transcripts, finding 14).
	if (result.finishReason === 'length') {
		return { problems: ['the answer was cut off because it reached the limit of tokens; be brief'] };
	}
	let problems: readonly string[] | undefined;
	for (const candidate of jsonCandidates(result.text)) {
		let found: ReturnType<typeof parseAnswer>;
		try {
			found = parseAnswer(candidate);
		} catch (error) {
			problems ??= [`the answer is not valid JSON (${messageOf(error)})`];
			continue;
		}
		const verdict = await checkSchema(schema, found.value);
		if ('invalidSchema' in verdict) throw unusable(verdict.invalidSchema);
		// Valid against the schema that the caller has typed as T.
		if (verdict.problems.length === 0) return { value: found.exact as T };
		// What is wrong with JSON says more than that something else is none.
		if (problems === undefined || isNoJson(problems)) problems = verdict.problems;
	}
	return { problems: problems ?? ['the answer is empty'] };
}

/** The words of a model that wrote something else, for example why it refuses. */
function saidInstead(text: string, problems: readonly string[]): string {
	const words = text.replace(/\s+/g, ' ').trim();
	if (!isNoJson(problems) || words === '') return '';
	return `It said: "${words.length > SHOWN_WORDS ? `${words.slice(0, SHOWN_WORDS).toWellFormed()} …` : words}" `;
}

const isNoJson = ([problem = '']: readonly string[]): boolean =>
	problem.startsWith('the answer is not valid JSON');

function unusable(reason: string): EngineError {
	return new EngineError('invalidRequest', `The JSON schema is not valid: ${reason}`);
}
