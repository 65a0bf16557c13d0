import OpenAI, { toFile } from 'openai';
import type { Recording, TranscribeOptions } from '../../../lib/engine';
import { attempts, closeAll, key, read, scripted, start } from './support/gateway';

afterEach(closeAll);

const said = {
	text: 'Hello. Bye.',
	segments: [
		{ start: 0, end: 1.5, text: 'Hello.' },
		{ start: 1.5, end: 3, text: 'Bye.' },
	],
	language: 'english',
	seconds: 3.2,
	...{ engine: 'one', model: 'whisper', attempts },
};

/** Engines that hear this, and remember what they were sent. */
function hearing(result = said) {
	const heard: Array<{ recording: Recording; options: TranscribeOptions }> = [];
	const engines = scripted({
		transcribe: async (recording, options) => {
			heard.push({ recording, options });
			return result;
		},
	});
	return { heard, engines };
}

const bytes = Buffer.from('ID3\0\xff a recording', 'latin1');
const authorization = `Bearer ${key}`;

function formOf(fields: Record<string, string>, withFile = true): FormData {
	const form = new FormData();
	if (withFile) form.set('file', new File([new Uint8Array(bytes)], 'a.mp3', { type: 'audio/mpeg' }));
	for (const [name, value] of Object.entries(fields)) form.set(name, value);
	return form;
}

const post = async (url: string, body: FormData | string, headers: Record<string, string> = {}) =>
	await fetch(`${url}/audio/transcriptions`, {
		method: 'POST',
		body,
		headers: { authorization, ...headers },
	});

describe('transcriptions', () => {
	it('come to OpenAI’s client in each format, and are told of', async () => {
		const { heard, engines } = hearing();
		const gateway = await start({ engines, aliases: { 'whisper-1': 'whisper' } });
		const client = new OpenAI({ baseURL: gateway.url, apiKey: key, maxRetries: 0 });
		const file = await toFile(bytes, 'a.mp3', { type: 'audio/mpeg' });
		const ask = { file, model: 'whisper-1', language: 'en', prompt: 'Finch', temperature: 0.2 };
		expect((await client.audio.transcriptions.create(ask)).text).toBe(said.text);
		const verbose = await client.audio.transcriptions.create({ ...ask, response_format: 'verbose_json' });
		expect(verbose).toMatchObject({ language: 'english', duration: 3.2, text: said.text });
		expect(verbose.segments?.map(({ id, start: from, end, text }) => [id, from, end, text])).toEqual([
			[0, 0, 1.5, 'Hello.'],
			[1, 1.5, 3, 'Bye.'],
		]);
		expect(await client.audio.transcriptions.create({ ...ask, response_format: 'text' })).toBe(
			'Hello. Bye.\n',
		);
		expect(await client.audio.transcriptions.create({ ...ask, response_format: 'vtt' })).toContain(
			'00:00:01.500 -->',
		);
		expect(await client.audio.transcriptions.create({ ...ask, response_format: 'srt' })).toMatch(
			/^1\n00:00:00,000/,
		);

		expect(heard[0]?.options).toEqual({
			model: 'whisper',
			language: 'en',
			prompt: 'Finch',
			temperature: 0.2,
		});
		expect(heard[0]?.recording).toMatchObject({ name: 'a.mp3', mediaType: 'audio/mpeg' });
		expect(Buffer.from(heard[0]?.recording.bytes ?? [])).toEqual(bytes);
		expect(gateway.exchanges).toHaveLength(5);
		expect(gateway.exchanges[0]).toMatchObject({
			...{ route: 'transcriptions', key: 'team', status: 200, requestedModel: 'whisper-1' },
			...{ engine: 'one', model: 'whisper', inputs: 1 },
		});
		expect(JSON.stringify(gateway.exchanges)).not.toContain('Hello');
	});

	it.each([
		[{ model: 'w' }, false, 'file'],
		[{}, true, 'model'],
		[{ model: 'w', response_format: 'xml' }, true, 'response_format'],
		[{ model: 'w', temperature: 'hot' }, true, 'temperature'],
	])('without what they need are refused by the field: %j %j', async (fields, withFile, param) => {
		const { heard, engines } = hearing();
		const gateway = await start({ engines });
		const response = await post(gateway.url, formOf(fields as Record<string, string>, withFile));
		expect(response.status).toBe(400);
		expect((await read(response)).error).toMatchObject({ param, type: 'invalid_request_error' });
		expect(heard).toEqual([]);
	});

	it('that need times say so where the engine gives none', async () => {
		const { engines } = hearing({ ...said, segments: [] });
		const gateway = await start({ engines });
		expect((await post(gateway.url, formOf({ model: 'w' }))).status).toBe(200);
		const response = await post(gateway.url, formOf({ model: 'w', response_format: 'vtt' }));
		expect([response.status, (await read(response)).error.param]).toEqual([400, 'response_format']);
	});

	it('name fields that change nothing here', async () => {
		const { engines } = hearing();
		const gateway = await start({ engines });
		const fields = {
			model: 'w',
			chunking_strategy: 'auto',
			'timestamp_granularities[]': 'word',
			stream: 'false',
		};
		const response = await post(gateway.url, formOf(fields));
		expect(response.headers.get('x-gateway-ignored')).toBe('chunking_strategy, timestamp_granularities[]');
	});

	it('keep to bounds: a key, the size of the recording, the number of fields, a whole form', async () => {
		const { heard, engines } = hearing();
		const gateway = await start({ engines, maxAudioBytes: 4_000 });
		expect((await post(gateway.url, formOf({ model: 'w' }), { authorization: 'Bearer nobody' })).status).toBe(
			401,
		);
		expect((await post(gateway.url, formOf({ model: 'w', prompt: 'x'.repeat(5_000) }))).status).toBe(413);
		const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, '']));
		const form = await post(gateway.url, formOf({ model: 'w', ...many }));
		expect([form.status, (await read(form)).error.message]).toEqual([
			400,
			'The form has more than 32 fields.',
		]);
		for (const [body, type] of [
			['{}', 'application/json'],
			['--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nw', 'multipart/form-data; boundary=b'],
			['nothing', 'multipart/form-data; boundary=b'],
			['nothing', 'multipart/form-data'],
		] as const)
			expect((await post(gateway.url, body, { 'content-type': type })).status).toBe(400);
		expect(heard).toEqual([]);
		expect(gateway.faults).toEqual([]);
	});
});
