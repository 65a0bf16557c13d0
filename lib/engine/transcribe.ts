import { asArray, asNumber, asObject, asString } from '../support';
import type { DialectSpec } from './dialects';
import { EngineError } from './errors';
import type { Engine } from './routing/engine';
import type { Routes } from './routing/job';
import { withFailover } from './routing/loop';
import type { ExchangeLimits } from './transport/exchange';
import type { CallOptions } from './types/pool';
import type { Recording, SpeechSegment, TranscribeOptions, Transcription } from './types/speech';
import type { Json } from './wire/json';
import { toForm } from './wire/multipart';

const PATH = '/v1/audio/transcriptions';

/**
 * What is said in a recording, by the first engine that transcribes: OpenAI's `/v1/audio/transcriptions`, which LocalAI, vLLM and
 * whisper.cpp's server have, too. Asks for times; an engine that has none gives the text alone.
 *
 * @throws EngineError `invalidRequest` for an empty recording or no model
 */
export async function transcribe(
	routes: Routes,
	recording: Recording,
	options: TranscribeOptions,
	call: CallOptions,
): Promise<Transcription> {
	if (recording.bytes.length === 0) throw new EngineError('invalidRequest', 'The recording is empty.');
	if (options.model.trim() === '')
		throw new EngineError('invalidRequest', 'Name the model for speech, such as whisper-1.');
	const { value, engine, model, attempts } = await withFailover(
		routes,
		{
			use: 'chat',
			model: options.model,
			needs: ['transcribe'],
			run: async (engine, _spec: DialectSpec, model, limits) =>
				await send(engine, model, recording, options, limits, call),
			probe: async (engine, _spec, model, limits) =>
				await send(engine, model, silence(), { model }, limits, {}),
		},
		call,
	);
	return { ...value, engine: engine.name, model, attempts };
}

type Read = Omit<Transcription, 'engine' | 'model' | 'attempts'>;

async function send(
	engine: Engine,
	model: string,
	recording: Recording,
	options: TranscribeOptions,
	limits: ExchangeLimits,
	call: CallOptions,
): Promise<Read> {
	const { bytes, name, mediaType = 'application/octet-stream' } = recording;
	const ask = async (format: 'verbose_json' | 'json') => {
		const fields = {
			model,
			response_format: format,
			language: options.language,
			prompt: options.prompt,
			temperature: options.temperature === undefined ? undefined : String(options.temperature),
		};
		const form = toForm(fields, { field: 'file', name, mediaType, bytes });
		// Nothing comes until all of it has been heard, and an hour of speech takes minutes.
		const patient = { ...limits, firstTokenMs: Math.max(0, limits.endAt - performance.now()) };
		return await engine.exchange({ method: 'POST', path: PATH, form }, patient, call, model);
	};
	const { json, status } = await ask('verbose_json').catch(async (error: unknown) => {
		if (!(error instanceof EngineError) || !lacksTimes(error)) throw error;
		return await ask('json');
	});
	const read = json === undefined ? undefined : readTranscription(json);
	if (read !== undefined) return read;
	throw new EngineError('badAnswer', `${engine.name} did not send a transcription.`, {
		engine: engine.name,
		model,
		status,
	});
}

/** The words of vLLM for models without times, and of servers that know two formats. */
const lacksTimes = ({ status, engineMessage = '', message }: EngineError): boolean =>
	(status === 400 || status === 422 || status === 501) &&
	/response_format|verbose_json/i.test(`${engineMessage} ${message}`);

/** LocalAI gives nanoseconds: no recording is a million seconds long. */
const LEAST_NANOSECONDS = 1e6;
const secondsOf = (value: number): number => (value >= LEAST_NANOSECONDS ? value / 1e9 : value);

/** OpenAI's `json` and `verbose_json`; undefined for what is neither. */
export function readTranscription(json: Json): Read | undefined {
	const row = asObject(json);
	const text = asString(row?.text);
	if (row === undefined || text === undefined) return undefined;
	const segments = asArray(row.segments).flatMap((each): SpeechSegment[] => {
		const segment = asObject(each);
		const start = asNumber(segment?.start);
		const end = asNumber(segment?.end);
		const said = asString(segment?.text)?.trim();
		if (start === undefined || end === undefined || said === undefined || said === '') return [];
		return [{ start: secondsOf(start), end: Math.max(secondsOf(start), secondsOf(end)), text: said }];
	});
	const language = asString(row.language);
	const seconds = asNumber(row.duration);
	return {
		text: text.trim(),
		segments,
		...(language === undefined ? {} : { language }),
		...(seconds === undefined ? {} : { seconds: secondsOf(seconds) }),
	};
}

const SAMPLES = 1_600;
const HEAD = 44;

/** A tenth of a second of silence as a WAV file: 16 kHz, 16 bits, one channel. */
function silence(): Recording {
	const bytes = Buffer.alloc(HEAD + SAMPLES * 2);
	bytes.write('RIFF', 0);
	bytes.writeUInt32LE(bytes.length - 8, 4);
	bytes.write('WAVEfmt ', 8);
	bytes.writeUInt32LE(16, 16);
	bytes.writeUInt16LE(1, 20);
	bytes.writeUInt16LE(1, 22);
	bytes.writeUInt32LE(16_000, 24);
	bytes.writeUInt32LE(32_000, 28);
	bytes.writeUInt16LE(2, 32);
	bytes.writeUInt16LE(16, 34);
	bytes.write('data', 36);
	bytes.writeUInt32LE(SAMPLES * 2, 40);
	return { bytes, name: 'silence.wav', mediaType: 'audio/wav' };
}
