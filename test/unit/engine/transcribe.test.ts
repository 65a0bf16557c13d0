import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { clockTime, EngineError, EnginePool, speechPassages, subtitlesOf } from '../../../lib/engine';
import { readTranscription } from '../../../lib/engine/transcribe';
import { listenLocally } from '../../support/listen';

/** As OpenAI's reference shows `verbose_json` (https://platform.openai.com/docs/api-reference/audio/verbose-json-object). */
const verbose = {
	task: 'transcribe',
	language: 'english',
	duration: 8.470000267028809,
	text: 'The beach was a popular spot on a hot summer day. People were swimming in the ocean.',
	segments: [
		{
			...{ id: 0, seek: 0, start: 0.0, end: 3.319999933242798 },
			text: ' The beach was a popular spot on a hot summer day.',
			...{
				tokens: [50364, 440],
				temperature: 0,
				avg_logprob: -0.28,
				compression_ratio: 1.23,
				no_speech_prob: 0.009,
			},
		},
		{ id: 1, seek: 0, start: 3.32, end: 8.47, text: ' People were swimming in the ocean.', tokens: [] },
	],
};

interface Heard {
	readonly url: string;
	readonly form: FormData;
}

const open: Array<() => Promise<void>> = [];
afterEach(async () => {
	await Promise.all(open.splice(0).map((close) => close()));
});

/** An engine that lists "whisper-1" and answers recordings as the test says. */
async function engine(answer: (heard: Heard, response: ServerResponse) => void) {
	const heard: Heard[] = [];
	const server = createServer((request: IncomingMessage, response: ServerResponse) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			response.setHeader('content-type', 'application/json');
			if (request.method === 'GET')
				return response.end('{"object":"list","data":[{"id":"whisper-1","object":"model"}]}');
			const headers = { 'content-type': request.headers['content-type'] ?? '' };
			return void new Response(Buffer.concat(parts), { headers }).formData().then((form) => {
				const one = { url: request.url ?? '', form };
				heard.push(one);
				answer(one, response);
			});
		});
	});
	const { url, close } = await listenLocally(server);
	open.push(close);
	return { url, heard };
}

function poolOf(...urls: string[]): EnginePool {
	const pool = new EnginePool(urls.map((baseUrl) => ({ dialect: 'openai' as const, baseUrl })));
	open.push(() => pool.close());
	return pool;
}

const recording = {
	bytes: Buffer.from('RIFF\r\n--x\0\xff', 'latin1'),
	name: 'März "1".mp3',
	mediaType: 'audio/mpeg',
};

describe('a recording', () => {
	it('goes to the engine as it is, and comes back as text with times', async () => {
		const { url, heard } = await engine((_, response) => response.end(JSON.stringify(verbose)));
		const options = { model: 'whisper-1', language: 'en', prompt: 'Finch', temperature: 0 };
		expect(await poolOf(url).transcribe(recording, options)).toMatchObject({
			text: verbose.text,
			language: 'english',
			seconds: verbose.duration,
			segments: [
				{ start: 0, end: 3.319999933242798, text: 'The beach was a popular spot on a hot summer day.' },
				{ start: 3.32, end: 8.47, text: 'People were swimming in the ocean.' },
			],
			model: 'whisper-1',
			attempts: [{ outcome: 'ok' }],
		});
		const [{ url: path, form } = { url: '', form: new FormData() }] = heard;
		expect(path).toBe('/v1/audio/transcriptions');
		const file = form.get('file') as File;
		expect(Buffer.from(await file.arrayBuffer())).toEqual(recording.bytes);
		expect([file.name, file.type]).toEqual(['M_rz__1_.mp3', 'audio/mpeg']);
		form.delete('file');
		expect(Object.fromEntries(form)).toEqual({
			...{ model: 'whisper-1', response_format: 'verbose_json' },
			...{ language: 'en', prompt: 'Finch', temperature: '0' },
		});
	});

	it('that one engine cannot take goes to the next', async () => {
		const broken = await engine((_, response) =>
			response.writeHead(500).end('{"error":{"message":"no memory"}}'),
		);
		const sound = await engine((_, response) => response.end(JSON.stringify(verbose)));
		const { attempts } = await poolOf(broken.url, sound.url).transcribe(recording, { model: 'whisper-1' });
		expect(attempts.map(({ outcome }) => outcome)).toEqual(['server', 'ok']);
	});

	it('is asked for again without times where the model has none; other refusals are told', async () => {
		const words = 'Currently do not support verbose_json for response_format';
		const { url, heard } = await engine(({ form }, response) =>
			form.get('response_format') === 'json'
				? response.end('{"text":" Hello. ","usage":{"type":"duration","seconds":2}}')
				: response.writeHead(400).end(JSON.stringify({ error: { message: words } })),
		);
		expect(await poolOf(url).transcribe(recording, { model: 'whisper-1' })).toMatchObject({
			text: 'Hello.',
			segments: [],
		});
		expect(heard).toHaveLength(2);
		const other = await engine((_, response) =>
			response.writeHead(400).end('{"error":{"message":"Audio file might be corrupted or unsupported"}}'),
		);
		await expect(poolOf(other.url).transcribe(recording, { model: 'whisper-1' })).rejects.toThrow(
			/corrupted/,
		);
		expect(other.heard).toHaveLength(1);
	});

	it('is refused before anything is sent where it is empty, the model is not named, or no engine hears', async () => {
		const { url, heard } = await engine(() => undefined);
		const empty = { ...recording, bytes: Buffer.alloc(0) };
		await expect(poolOf(url).transcribe(empty, { model: 'whisper-1' })).rejects.toThrow('is empty');
		await expect(poolOf(url).transcribe(recording, { model: ' ' })).rejects.toThrow('Name the model');
		const deaf = new EnginePool([{ dialect: 'ollama', baseUrl: url }]);
		open.push(() => deaf.close());
		await expect(deaf.transcribe(recording, { model: 'whisper-1' })).rejects.toThrow('has no transcribe');
		expect(heard).toEqual([]);
	});

	it('whose answer is something else is an error', async () => {
		const { url } = await engine((_, response) => response.end('{"object":"list"}'));
		const asked = poolOf(url).transcribe(recording, { model: 'whisper-1' });
		await expect(asked).rejects.toThrow(EngineError);
		await expect(asked).rejects.toThrow('did not send a transcription');
	});
});

it('LocalAI’s nanoseconds are seconds; segments without times or words are left out', () => {
	const segments = [
		{ id: 0, start: 0, end: 2_500_000_000, text: 'One.' },
		{ id: 1, start: 2_500_000_000, end: 2_400_000_000, text: 'Two.' },
		{ id: 2, start: 3_000_000_000, end: 4_000_000_000, text: '  ' },
		{ id: 3, text: 'Three.' },
		'four',
	];
	expect(readTranscription({ text: 'One. Two.', segments } as never)).toEqual({
		text: 'One. Two.',
		segments: [
			{ start: 0, end: 2.5, text: 'One.' },
			{ start: 2.5, end: 2.5, text: 'Two.' },
		],
	});
	expect(readTranscription({ segments: [] })).toBeUndefined();
});

it('segments become passages that end between two of them', () => {
	const segments = [0, 20, 40, 70, 200].map((start) => ({ start, end: start + 20, text: `at ${start}` }));
	expect(speechPassages(segments, 60)).toEqual([
		{ start: 0, end: 60, text: 'at 0 at 20 at 40' },
		{ start: 70, end: 90, text: 'at 70' },
		{ start: 200, end: 220, text: 'at 200' },
	]);
	expect(speechPassages(segments, 5)).toHaveLength(5);
	expect(speechPassages([], 60)).toEqual([]);
});

it('times are written for people and as subtitles', () => {
	expect([0, 83.4, 3700, -1].map(clockTime)).toEqual(['0:00', '1:23', '1:01:40', '0:00']);
	const segments = [
		{ start: 0, end: 1.5, text: 'One.' },
		{ start: 3661.0006, end: 3662, text: 'Two.' },
	];
	expect(subtitlesOf(segments, 'vtt')).toBe(
		'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nOne.\n\n01:01:01.001 --> 01:01:02.000\nTwo.\n',
	);
	expect(subtitlesOf(segments, 'srt')).toBe(
		'1\n00:00:00,000 --> 00:00:01,500\nOne.\n\n2\n01:01:01,001 --> 01:01:02,000\nTwo.\n',
	);
});
