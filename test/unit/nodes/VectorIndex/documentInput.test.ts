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
		[{ body: {} }, /No document found/],
		[{ body: { documents: 'x' } }, /should be a list of documents, but is the text/],
		[{ body: { documents: [] } }, /is empty/],
		[{ body: { documents: null } }, /should be a list of documents, but is null/],
	])('%j is refused with a sentence', (json, message) => {
		expect(() => documentsIn(json)).toThrow(message);
	});
});
