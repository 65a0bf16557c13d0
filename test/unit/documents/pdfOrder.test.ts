import { linesOf } from '../../../lib/documents/formats/pdf/lines';
import { inReadingOrder } from '../../../lib/documents/formats/pdf/order';
import { runsOf } from '../../../lib/documents/formats/pdf/runs';
import { withoutStruck } from '../../../lib/documents/formats/pdf/struck';

/** What pdf.js gives for a piece of a line: letters of ten points height, five points wide, turned against the clock. */
function item(
	text: string,
	x: number,
	y: number,
	{ hasEOL = false, quarters = 0, height = 10 } = {},
): object {
	const [cosine = 0, sine = 0] = [
		[1, 0],
		[0, 1],
		[-1, 0],
		[0, -1],
	][quarters] as [number, number];
	const transform = [cosine * height, sine * height, -sine * height, cosine * height, x, y];
	return { str: text, transform, width: text.length * 5, height: text === ' ' ? 0 : height, hasEOL };
}

const textOf = (...items: object[]): string =>
	linesOf(inReadingOrder(runsOf(items).runs))
		.map(({ text }) => text)
		.join('\n');

describe('lines of a PDF', () => {
	it('are read from left to right in whatever order their cells were drawn, with spaces between them', () => {
		expect(
			textOf(
				item('29.99', 400, 700),
				item('5.00', 300, 700),
				item('24.99', 200, 700),
				item('Internet', 50, 700, { hasEOL: true }),
				item('Total', 50, 686, { hasEOL: true }),
			),
		).toBe('Internet 24.99 5.00 29.99\nTotal');
	});

	it('stay as they were drawn where one piece stands above another, without joining their words', () => {
		expect(textOf(item('Big', 50, 700, { height: 40 }), item('Small', 50, 665, { hasEOL: true }))).toBe(
			'Big Small',
		);
	});

	it('are read from right to left in Hebrew and Arabic, numbers and Latin words from left to right', () => {
		expect(
			textOf(
				item('28/01/93', 50, 700),
				item(' ', 90, 700),
				item(':', 98, 700),
				item('תאריך', 103, 700),
				item('לידה', 131, 700, { hasEOL: true }),
			),
		).toBe('לידה תאריך: 28/01/93');
		expect(
			textOf(
				item('ישראל', 200, 700),
				item('עובד', 177, 700),
				item('AutoCAD', 100, 700),
				item('2026', 138, 700, { hasEOL: true }),
			),
		).toBe('ישראל עובד AutoCAD 2026');
		expect(textOf(item('The words', 50, 700), item('עולם', 98, 700), item('שלום', 121, 700))).toBe(
			'The words שלום עולם',
		);
	});

	it('that are drawn twice to make them bold are read once', () => {
		expect(textOf(item('Total due', 50, 700), item('Total due', 50.3, 700.2, { hasEOL: true }))).toBe(
			'Total due',
		);
		// The same value in two columns is two values.
		expect(textOf(item('0.00', 50, 700), item(' ', 70, 700), item('0.00', 150, 700))).toBe('0.00 0.00');
	});

	it('keep an accent with its letter', () => {
		expect(textOf(item('Sp', 50, 700), item('´', 60, 700), item('ı', 60.5, 700), item('nola', 65, 700))).toBe(
			'Sp´ınola',
		);
	});

	it.each([1, 2, 3])('of a page turned by %i quarters are read as if it were not', (quarters) => {
		const along = [0, 1, 0, -1][quarters] ?? 0;
		const [dx, dy] = quarters === 2 ? [-1, 0] : [0, along];
		const at = (text: string, right: number, hasEOL = false): object =>
			item(text, 300 + dx * right, 300 + dy * right, { quarters, hasEOL });
		const { runs } = runsOf([at('120.50', 200), at('Pump', 0, true)]);
		expect(runs.every(({ isUpright }) => isUpright)).toBe(true);
		expect(linesOf(inReadingOrder(runs)).map(({ cells }) => cells?.map(({ text }) => text))).toEqual([
			['Pump', '120.50'],
		]);
	});

	it('are read without the words that an annotation strikes through', () => {
		const { runs, quarters } = runsOf([item('Pay 400 euros within 30 days', 50, 700)]);
		const over = (from: number, to: number, y = 698): object => ({
			subtype: 'StrikeOut',
			quadPoints: Float32Array.from([from, y + 12, to, y + 12, from, y, to, y]),
		});
		const read = (...annotations: object[]): string | undefined =>
			linesOf(withoutStruck(runs, annotations, quarters))[0]?.text;
		expect(read(over(70, 86), over(155, 165))).toBe('Pay euros within days');
		expect(read(over(70, 86, 650), { ...over(70, 86), hidden: true })).toBe('Pay 400 euros within 30 days');
		expect(read({ ...over(70, 86), subtype: 'Highlight' })).toBe('Pay 400 euros within 30 days');
	});

	it('have the letters that are typed for the shapes that are drawn', () => {
		expect(textOf(item('ﺍﳋﻄﻮﻁ ﻻ', 50, 700))).toBe('الخطوط لا');
		expect(textOf(item('ﬁnal oﬀer\u00a010\u2009kg', 50, 700))).toBe('final offer 10 kg');
	});
});
