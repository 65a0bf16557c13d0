import {
	documentFieldDefaults,
	documentsOf,
} from '../../../../nodes/VectorIndex/actions/documents/documentInput';
import { contextOf } from '../../../support/nodeContext';

const fields = { ...documentFieldDefaults, list: 'body.documents', text: 'body.text', source: 'body.source' };
const documentsIn = async (json: object, files?: { [field: string]: Buffer }) =>
	await documentsOf(
		contextOf({
			items: [
				{
					json: json as never,
					binary: files
						? Object.fromEntries(
								Object.keys(files).map((field) => [
									field,
									{ data: '', mimeType: 'text/markdown', fileName: `${field}.md` },
								]),
							)
						: undefined,
				},
			],
			files,
		}),
		0,
		fields,
	);

describe('the documents of an item', () => {
	test('a list is taken entry by entry; a bad entry is named and the others stay', async () => {
		const inputs = await documentsIn({
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
			expect.stringMatching(/body.documents\[1\] should be an object .* a number/),
			expect.stringMatching(/body.documents\[2\] has no "source"/),
			expect.stringMatching(/"text" of body.documents\[3\] should be text, but is a list/),
			expect.stringMatching(/"metadata" of body.documents\[4\] should be an object/),
		]);
	});

	test('an item with fields is one document', async () => {
		expect(await documentsIn({ body: { source: 'a.md', text: 'A' } })).toEqual([
			{ document: { source: 'a.md', text: 'A', title: undefined, metadata: undefined } },
		]);
	});

	test('files are documents named after the file', async () => {
		const [input] = await documentsIn({ body: {} }, { data0: Buffer.from('# Hello') });
		expect(input).toMatchObject({
			document: {
				source: 'data0.md',
				file: { data: Buffer.from('# Hello'), name: 'data0.md', mimeType: 'text/markdown' },
			},
		});
	});

	test.each([
		[{ body: {} }, /No document found/],
		[{ body: { documents: 'x' } }, /should be a list of documents, but is a string/],
		[{ body: { documents: [] } }, /is empty/],
		[{ body: { documents: null } }, /should be a list of documents, but is null/],
	])('%j is refused with a sentence', async (json, message) => {
		await expect(documentsIn(json)).rejects.toThrow(message);
	});
});
