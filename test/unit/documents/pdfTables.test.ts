import { linesOf, type TextRun } from '../../../lib/documents/formats/pdf/lines';
import { segmentsOf } from '../../../lib/documents/formats/pdf/tables';
import { tableText } from '../../../lib/documents/formats/tableText';

/** A word of ten points height that begins here; letters are five points wide. */
type Word = readonly [x: number, text: string];

/** Lines of a page from above, 14 points apart, as pdf.js gives their runs. */
function runsOf(lines: ReadonlyArray<readonly Word[]>, more: Partial<TextRun> = {}): TextRun[] {
	return lines.flatMap((words, line) =>
		words.map(([x, text], at) => ({
			...{ text, x, y: 700 - line * 14, width: text.length * 5, height: 10 },
			...{ endsLine: at === words.length - 1, isUpright: true, ...more },
		})),
	);
}

/** The page as text: tables as rows, lines as they are. */
const page = (lines: ReadonlyArray<readonly Word[]>, more?: Partial<TextRun>): string =>
	segmentsOf(linesOf(runsOf(lines, more)))
		.map((segment) =>
			'table' in segment ? tableText(segment.table) : segment.lines.map(({ text }) => text).join('\n'),
		)
		.join('\n\n');

const SENTENCE = 'The pump of line four was repaired in spring.';

describe('tables of a PDF', () => {
	it('are found by their columns, right-aligned figures too, with the names of the columns', () => {
		expect(
			page([
				[[50, SENTENCE]],
				[
					[50, 'Part'],
					[150, 'Description'],
					[320, 'Price'],
				],
				[
					[50, 'AB-1'],
					[150, 'Pump housing'],
					[315, '120.50'],
				],
				[
					[50, 'AB-2'],
					[150, 'Shaft seal'],
					[320, '14.20'],
				],
				[[50, 'All prices are without tax and hold until the end of the next year, freight not included.']],
			]),
		).toBe(
			[
				SENTENCE,
				'| Part | Description | Price |\n| --- | --- | --- |\n| AB-1 | Pump housing | 120.50 |\n| AB-2 | Shaft seal | 14.20 |',
				'All prices are without tax and hold until the end of the next year, freight not included.',
			].join('\n\n'),
		);
	});

	it('keep empty cells empty, and the lines of a cell together', () => {
		expect(
			page([
				[
					[50, 'Date'],
					[150, 'Text'],
					[300, 'Debit'],
					[400, 'Credit'],
				],
				[
					[50, '01.03.'],
					[150, 'Rent of the hall'],
					[300, '900.00'],
				],
				[[150, 'and of the yard']],
				[
					[50, '02.03.'],
					[150, 'Payment'],
					[400, '450.00'],
				],
			]),
		).toBe(
			[
				'| Date | Text | Debit | Credit |',
				'| --- | --- | --- | --- |',
				'| 01.03. | Rent of the hall and of the yard | 900.00 |  |',
				'| 02.03. | Payment |  | 450.00 |',
			].join('\n'),
		);
	});

	it('have names that stand beside their figures, but never join two columns of figures', () => {
		const rows = page([
			[
				[50, 'Answer'],
				[150, 'Very good'],
				[300, 'Bad'],
			],
			[
				[50, 'Men'],
				[200, '36'],
				[300, '16'],
			],
			[
				[50, 'Women'],
				[200, '40'],
				[300, '20'],
			],
		]);
		expect(rows).toContain('| Men | 36 | 16 |');
		expect(rows).toContain('| Answer | Very good | Bad |');
	});

	it('are none where lists, paragraphs, pages across or text from right to left have wide gaps', () => {
		const list: Word[][] = ['one', 'two', 'three', 'four'].map((text) => [
			[50, '•'],
			[80, text],
		]);
		expect(page(list)).not.toContain('|');
		const prose: Word[][] = Array.from({ length: 4 }, (_, at) => [
			[50, at % 2 === 0 ? 'The pump of line four' : 'The motor'],
			[at % 2 === 0 ? 170 : 120, 'was repaired in spring by us.'],
		]);
		expect(page(prose)).not.toContain('|');
		const cells: Word[][] = Array.from({ length: 4 }, () => [
			[50, 'a1'],
			[150, 'b2'],
			[250, 'c3'],
		]);
		expect(page(cells)).toContain('| a1 | b2 | c3 |');
		expect(page(cells, { isUpright: false })).not.toContain('|');
		expect(page(cells.map((row) => row.map(([x]) => [x, 'שלום'])))).not.toContain('|');
	});

	it('two columns of text that were drawn line by line are read one after the other', () => {
		const left = [
			'Green crates are sent by rail',
			'and come back by sea at the',
			'cost of those who ordered',
			'them in the year before.',
		];
		const right = [
			'Blue crates travel by lorry',
			'and stay with those who have',
			'paid for them, until they are',
			'called for by the driver.',
		];
		const lines = left.map((text, at): Word[] => [
			[50, text],
			[300, right[at] ?? ''],
		]);
		expect(page(lines)).toBe([...left, ...right].join('\n'));
	});
});
