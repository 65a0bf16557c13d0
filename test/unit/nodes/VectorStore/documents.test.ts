import { documentOfRow, rowOfDocument } from '../../../../nodes/shared/langchain/storeDocuments';

describe('a document as a row', () => {
	it('has its place and context from the metadata, and keeps the rest to filter by', () => {
		const { point, embedText } = rowOfDocument({
			pageContent: 'fourteen days',
			metadata: {
				source: 'leave.md',
				start: 3,
				end: 16,
				context: 'Handbook',
				parent: { start: 0, end: 40 },
				year: 2026,
				when: new Date(0),
				nothing: undefined,
			},
		});
		expect(point).toEqual({
			text: 'fourteen days',
			source: 'leave.md',
			start: 3,
			end: 16,
			context: 'Handbook',
			parent: { start: 0, end: 40 },
			metadata: { year: 2026, when: '1970-01-01T00:00:00.000Z' },
		});
		expect(embedText).toBe('Handbook\n\nfourteen days');
	});

	it.each([
		['time codes', { start: 12.5, end: 14.75 }],
		['whole time codes', { start: 12, end: 14 }],
		['a beginning and an end as text', { start: 'Monday', end: 'Friday' }],
		['a parent of another kind', { parent: 'reports/2026' }],
		['a parent with numbers', { parent: { start: 1.5, end: 2 } }],
		['a context of another kind', { context: { department: 'sales' } }],
		['a context in words', { context: 'production' }],
		['negative and huge numbers', { start: -3, end: 4_711_000_123 }],
		['what has a form of ours, but not its sense', { start: 0, end: 40, parent: { start: 0, end: 90 } }],
	])('keeps %s as the metadata of the user, and gives it back', (_, metadata) => {
		const document = { pageContent: 'fourteen days', metadata: { source: 'a.md', ...metadata } };
		const { point, embedText } = rowOfDocument(document);
		expect(point).toEqual({ text: 'fourteen days', source: 'a.md', metadata });
		expect(embedText).toBe('fourteen days');
		expect(documentOfRow({ ...point, id: 'i' })).toEqual({ ...document, id: 'i' });
	});

	it('takes the given name where a loader only says "blob", and is refused without any', () => {
		const blob = { pageContent: 'x', metadata: { source: 'blob' } };
		expect(rowOfDocument(blob, 'file.txt').point.source).toBe('file.txt');
		expect(() => rowOfDocument(blob)).toThrow('has no name');
		expect(() => rowOfDocument({ text: 'x' }, 'a')).toThrow('pageContent');
	});

	it('comes back as it was put in', () => {
		const document = { pageContent: 'x', metadata: { source: 'a.md', start: 1, end: 2, kind: 'text' } };
		expect(documentOfRow({ ...rowOfDocument(document).point, id: 'i' })).toEqual({ ...document, id: 'i' });
	});

	it('is read with its wider window where that was asked for', () => {
		const row = {
			id: 'i',
			text: 'b',
			source: 's',
			start: 1,
			end: 2,
			parent: { start: 0, end: 3, text: 'abc' },
		};
		expect(documentOfRow(row)).toMatchObject({ pageContent: 'abc', metadata: { start: 0, end: 3 } });
	});
});
