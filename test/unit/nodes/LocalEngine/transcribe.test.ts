// From a recording to an answer's citation that names the time.
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { createServer, type ServerResponse } from 'node:http';
import { listenLocally } from '../../../support/listen';
import { operations, runFor, useFolder } from '../tenants/tenants';
import { outputOf } from '../../../support/operation';

useFolder();

const open: Array<() => Promise<void>> = [];
afterEach(async () => {
	await Promise.all(open.splice(0).map((close) => close()));
});

const minutes = [
	{ start: 0, end: 40, text: ' Welcome to the meeting of the workshop.' },
	{ start: 40, end: 59, text: ' First the numbers of the quarter.' },
	{ start: 83.4, end: 95, text: ' The spare key hangs behind the blue door from now on.' },
];

async function transcribed(
	parameters: IDataObject,
	answer: object,
	items = 1,
): Promise<INodeExecutionData[]> {
	const server = createServer((request, response: ServerResponse) => {
		request.resume().on('end', () => {
			response.setHeader('content-type', 'application/json');
			const list = { object: 'list', data: [{ id: 'whisper-1', object: 'model' }] };
			response.end(JSON.stringify(request.method === 'GET' ? list : answer));
		});
	});
	const { url, close } = await listenLocally(server);
	open.push(close);
	const operation = operations.get('localEngine: text.transcribe');
	if (!operation) throw new Error('There is no such operation');
	const file = { data: '', mimeType: 'audio/mpeg', fileName: 'meeting.mp3' };
	return await outputOf(operation, {
		parameters: { model: { __rl: true, mode: 'name', value: 'whisper-1' }, ...parameters },
		items: Array.from({ length: items }, () => ({ json: { id: 7 }, binary: { data: file } })),
		files: { data: Buffer.from('a recording') },
		node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
		credentials: () => ({ dialect: 'openai', baseUrl: url }),
	});
}

it('gives the whole text with its segments, and keeps the file', async () => {
	const text = minutes.map((segment) => segment.text).join('');
	const [item] = await transcribed({}, { text, language: 'english', duration: 95.02, segments: minutes });
	expect(item?.json).toMatchObject({
		...{ id: 7, text: text.trim(), language: 'english', seconds: 95.02 },
		segments: [{ start: 0, end: 40, text: 'Welcome to the meeting of the workshop.' }, {}, { start: 83.4 }],
		call: { model: 'whisper-1', attempts: [{ outcome: 'ok' }] },
	});
	expect(item?.binary?.data?.fileName).toBe('meeting.mp3');
});

it('its passages become documents, and what is found of them names the time', async () => {
	const answer = { text: '…', segments: minutes };
	const passages = await transcribed({ speechOutput: 'perPassage' }, answer);
	expect(passages.map(({ json, binary }) => [json.source, json.title, json.time, binary])).toEqual([
		['meeting.mp3#t=0,59', 'meeting.mp3, 0:00', '0:00', undefined],
		['meeting.mp3#t=83,95', 'meeting.mp3, 1:23', '1:23', undefined],
	]);
	const index = { backend: 'embedded', index: 'kb', embedding: 'builtinFast' };
	await runFor('vectorIndex: documents.sync', index, passages);
	const question = [{ json: { question: 'Where does the spare key hang?' } }];
	const found = await runFor('vectorIndex: documents.search', { ...index, limit: 1 }, question);
	const answered = await runFor('localEngine: chat.answer', {}, found);
	expect(answered[0]?.json).toMatchObject({
		found: true,
		citations: [{ source: 'meeting.mp3#t=83,95', title: 'meeting.mp3, 1:23' }],
		output: expect.stringContaining('meeting.mp3, 1:23'),
	});
});

it('says what is missing: a model, times', async () => {
	await expect(transcribed({ model: '' }, {})).rejects.toThrow('"Model" is empty');
	const asked = transcribed({ speechOutput: 'perPassage' }, { text: 'Hello.' });
	await expect(asked).rejects.toThrow('gives no times with the model "whisper-1"');
});
