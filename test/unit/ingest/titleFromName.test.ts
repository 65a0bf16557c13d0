import { titleFromName } from '../../../lib/ingest/pieces';

describe('the title of a document without one', () => {
	it.each([
		['contracts/ACME_frame-agreement-2025.pdf', 'ACME frame agreement 2025'],
		['C:\\Verträge\\Mietvertrag Müller.docx', 'Mietvertrag Müller'],
		['https://example.com/docs/lease-terms/', 'lease terms'],
		['就業規則.pdf', '就業規則'],
		['договор.txt', 'договор'],
	])('is the name "%s" in words', (source, title) => {
		expect(titleFromName(source)).toBe(title);
	});

	it.each(['4711', 'a/b/12.txt', '3f2c9a10-77aa-4b0e-9c1d-0a1b2c3d4e5f', 'x.md', '', '   '])(
		'is not made of "%s", which says nothing',
		(source) => {
			expect(titleFromName(source)).toBeUndefined();
		},
	);
});
