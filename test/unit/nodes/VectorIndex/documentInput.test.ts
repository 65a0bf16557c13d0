import { documentsOf } from '../../../../nodes/VectorIndex/actions/documents/documentInput';
import { sync } from '../../../../nodes/VectorIndex/actions/documents/sync.operation';
import { runOf } from '../../../support/operation';

const options = { documentListField: 'body.documents', textField: 'body.text', sourceField: 'body.source' };
const documentsIn = (json: object, files: { [field: string]: Buffer } = {}) => {
	const binary = Object.fromEntries(
		Object.keys(files).map((field) => [
			field,
			{ data: '', mimeType: 'text/markdown', fileName: `${field}.md` },
		]),
	);
	const run = runOf(sync.fields, {
		parameters: { options },
		items: [{ json: json as never, binary }],
		files,
	});
	return documentsOf(run.context, run.item(0)).documents;
};

describe('the documents of an item', () => {
	test('a list is taken entry by entry; a bad entry is named and the others stay', () => {
		const inputs = documentsIn({
			body: {
				documents: [
					{ source: 'a.md', text: 'A', title: 'T', metadata: { year: 2024 } },
					7,
					{ text: 'no name' },
					{ source: 'b.md', text: ['x'] },
					{ source: 'c.md', text: 'C', metadata: 'x' },
				],
			},
		});
		expect(inputs[0]).toEqual({
			document: { source: 'a.md', text: 'A', title: 'T', metadata: { year: 2024 } },
		});
		expect(inputs.slice(1).map((input) => ('problem' in input ? input.problem : ''))).toEqual([
			expect.stringMatching(/body.documents\[1\] should be an object .* the number 7/),
			expect.stringMatching(/body.documents\[2\] has no "source"/),
			expect.stringMatching(/"text of body.documents\[3\]" should be text, but is a list/),
			expect.stringMatching(/"metadata of body.documents\[4\]" is not valid JSON/),
		]);
	});

	test('an item with fields is one document', () => {
		expect(documentsIn({ body: { source: 'a.md', text: 'A' } })).toEqual([
			{ document: { source: 'a.md', text: 'A' } },
		]);
	});

	test('an empty file of a form is named where n8n only describes it', () => {
		const Files = [
			{ filename: 'empty.txt', mimetype: 'text/plain', size: 0 },
			{ filename: 'data0.md', mimetype: 'text/markdown', size: 0 },
			{ filename: 'full.md', mimetype: 'text/markdown', size: 7 },
		];
		const problem = { name: 'empty.txt', problem: 'The file "empty.txt" is empty.' };
		expect(documentsIn({ Files: Files.slice(0, 1), formMode: 'test' })).toEqual([problem]);
		expect(documentsIn({ Files }, { data0: Buffer.from('# Hello') })).toEqual([
			{ document: expect.objectContaining({ source: 'data0.md' }) },
			problem,
		]);
	});

	test('files are documents named after the file', async () => {
		const [input] = documentsIn({ body: {} }, { data0: Buffer.from('# Hello') });
		expect(input).toMatchObject({
			document: {
				source: 'data0.md',
				file: { name: 'data0.md', mimeType: 'text/markdown' },
			},
		});
		const data = input && 'document' in input ? input.document.file?.data : undefined;
		const parts: unknown[] = [];
		for await (const part of data as AsyncIterable<Uint8Array>) parts.push(part);
		expect(parts).toEqual([Buffer.from('# Hello')]);
	});

	test.each([
		[{ body: {} }, /No document found: item 1 has neither/],
		[{ body: { documents: 'x' } }, /should be a list of documents, but is the text/],
		[{ body: { documents: [] } }, /is empty/],
		[{ body: { documents: null } }, /should be a list of documents, but is null/],
		[{ body: { text: 'first ticket' } }, /item 1 has no "source"/],
		[{ body: { text: '   ' } }, /No document found/],
	])('%j is a problem with a sentence', (json, message) => {
		expect(documentsIn(json)).toEqual([
			{ name: expect.any(String), problem: expect.stringMatching(message) },
		]);
	});

	test('a mail is stored with its text, and its attachments below it', () => {
		const mail = { body: { source: 'mail-1', text: 'pump P-9 leaks', title: 'Pump' } };
		const inputs = documentsIn(mail, { order: Buffer.from('order 99'), photo: Buffer.from('4711') });
		expect(inputs).toMatchObject([
			{ document: { source: 'mail-1', text: 'pump P-9 leaks' } },
			{ document: { source: 'mail-1/order.md', file: { name: 'order.md' } } },
			{ document: { source: 'mail-1/photo.md' } },
		]);
		expect(documentsIn({ body: { source: 'mail-2' } }, { order: Buffer.from('x') })).toMatchObject([
			{ document: { source: 'mail-2' } },
		]);
		expect(documentsIn({ body: { text: 'no source' } }, { order: Buffer.from('x') })).toMatchObject([
			{ problem: expect.stringContaining('no "source"') },
			{ document: { source: 'order.md' } },
		]);
	});

	test.each([
		[undefined],
		['  '],
		// What n8n calls a raw body, another name each time.
		['0b38f4f6-7e44-4b2a-9c1a-5d3f6a7b8c9d'],
	])('a file called %j has no stable name', (fileName) => {
		const read = (json: object): unknown => {
			const items = [
				{ json: json as never, binary: { data: { data: '', mimeType: 'text/plain', fileName } } },
			];
			const run = runOf(sync.fields, { parameters: { options }, items });
			return documentsOf(run.context, run.item(0)).documents;
		};
		expect(read({})).toEqual([
			{
				name: 'the file in "data" of item 1',
				problem: expect.stringMatching(/^The file in "data" of item 1 has no name.*Source Field/),
			},
		]);
		expect(read({ body: { source: 'parts.pdf' } })).toMatchObject([{ document: { source: 'parts.pdf' } }]);
	});
});
