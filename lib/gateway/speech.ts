import type { ServerResponse } from 'node:http';
import { subtitlesOf, type Transcription } from '../engine';
import { GatewayError } from './errors';
import type { RouteContext } from './exchange';
import type { ReadForm } from './multipart';
import { answerHeaders, sendJson, sendText } from './respond';
import type { GatewayOptions } from './types';

const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;
type Format = (typeof FORMATS)[number];

const KNOWN = new Set(['file', 'model', 'language', 'prompt', 'response_format', 'temperature']);

/**
 * `/audio/transcriptions` of OpenAI's API: a recording in, what is said out, in each of its formats.
 *
 * @throws GatewayError `invalidRequest` naming the field
 */
export async function answerTranscription(
	{ fields, file }: ReadForm,
	response: ServerResponse,
	engines: GatewayOptions['engines'],
	aliases: ReadonlyMap<string, string>,
	{ log, call }: RouteContext,
): Promise<void> {
	const refuse = (param: string, message: string): GatewayError =>
		new GatewayError('invalidRequest', message, { param });
	if (file === undefined) throw refuse('file', '"file" must be a file: the recording.');
	const asked = fields.get('model') ?? '';
	if (asked === '') throw refuse('model', '"model" must name a model for speech.');
	const format = FORMATS.find((each) => each === (fields.get('response_format') ?? 'json'));
	if (format === undefined)
		throw refuse('response_format', `"response_format" must be one of ${FORMATS.join(', ')}.`);
	const temperature = numberOf(fields.get('temperature'));
	if (Number.isNaN(temperature)) throw refuse('temperature', '"temperature" must be a number from 0 to 1.');
	log.add({ inputs: 1, requestedModel: asked });
	const { language, prompt } = { language: fields.get('language'), prompt: fields.get('prompt') };
	const result = await engines.transcribe(
		{ bytes: file.bytes, name: file.name, mediaType: file.mediaType || undefined },
		{
			model: aliases.get(asked) ?? asked,
			...(language ? { language } : {}),
			...(prompt ? { prompt } : {}),
			...(temperature === undefined ? {} : { temperature }),
		},
		call,
	);
	log.add({ engine: result.engine, model: result.model, attempts: result.attempts });
	const ignored = [...fields.keys()].filter((name) => !KNOWN.has(name) && !isDefault(name, fields.get(name)));
	write(response, format, result, answerHeaders(ignored, result.engine));
}

/** What asks for nothing else than is given. */
const isDefault = (name: string, value: string | undefined): boolean =>
	(name === 'timestamp_granularities[]' && value === 'segment') || (name === 'stream' && value === 'false');

function numberOf(value: string | undefined): number | undefined {
	if (value === undefined || value === '') return undefined;
	const number = Number(value);
	return number >= 0 && number <= 1 ? number : NaN;
}

function write(
	response: ServerResponse,
	format: Format,
	result: Transcription,
	headers: Record<string, string>,
): void {
	const { text, segments, language, seconds, engine, model } = result;
	if (format === 'text') return sendText(response, `${text}\n`, 'text/plain', headers);
	if (format === 'json') return sendJson(response, 200, { text }, headers);
	if (segments.length === 0 && text !== '')
		throw new GatewayError(
			'invalidRequest',
			`${engine} gives no times with ${model}, which "${format}" needs. Ask for json or text.`,
			{ param: 'response_format' },
		);
	if (format === 'vtt' || format === 'srt')
		return sendText(
			response,
			subtitlesOf(segments, format),
			format === 'vtt' ? 'text/vtt' : 'application/x-subrip',
			headers,
		);
	sendJson(
		response,
		200,
		{
			task: 'transcribe',
			language: language ?? '',
			duration: seconds ?? segments.at(-1)?.end ?? 0,
			text,
			segments: segments.map((segment, id) => ({ id, ...segment })),
		},
		headers,
	);
}
