import { readFixture, textOf } from './read';

jest.setTimeout(60_000);

const page = async (body: string): Promise<string> =>
	await textOf(`<html><body>${body}</body></html>`, 'a.html');

describe('HTML', () => {
	it('keeps words apart that a no-break space or a wide space separates', async () => {
		expect(await page('<p>10&nbsp;kg, page&#160;12 of&#160;40, a&emsp;b&thinsp;c&#8239;d</p>')).toBe(
			'10 kg, page 12 of 40, a b c d',
		);
		expect(await page('<p>&nbsp;<b>10</b>&nbsp;<i>kg</i></p><td>x&nbsp;</td>')).toContain('10 kg');
	});

	it('joins words that are broken where nothing is seen', async () => {
		expect(await page('<p>Haft&shy;pflicht&#8203;ver<wbr>sicherung</p>')).toBe('Haftpflichtversicherung');
	});

	it('marks raised figures and leaves out what is struck through', async () => {
		const { text } = await readFixture('superscript-html.html');
		expect(text).toBe(
			'You can return goods within 30^1 days. Power: 10^6 W. CO2 limit 450 ppm.\n\nPrice 80 EUR',
		);
		expect(
			await page('<p>the 1<sup>st</sup> m<sup>2</sup> [<sup>3</sup>] 10<sup>-3</sup> x<sup>n</sup></p>'),
		).toBe('the 1st m^2 [3] 10^-3 x^n');
		expect(await page('<p>Price <del>100 <b>EUR</b></del> <ins>80 EUR</ins></p>')).toBe('Price 80 EUR');
	});

	it('reads formulas', async () => {
		const { text } = await readFixture('mathml.html');
		expect(text).toContain('The limit is x=42 kg.');
		expect(text).toContain('H2O and 10^6');
		const formula =
			'<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msqrt><mi>b</mi></msqrt></mfrac><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup><annotation>\\frac</annotation></math>';
		expect(await page(`<p>so ${formula}.</p>`)).toBe('so (a+1)/(√(b))x_1^2.');
	});

	it('puts cells under their columns', async () => {
		const { text, blocks } = await readFixture('rowspan-html.html');
		expect(text).toBe(
			'| Item | Price |\n| --- | --- |\n| Pump P-100 | 120,50 |\n| Valve | 10 |\n| Valve | 12 |\n| Total 142,50 |  |',
		);
		expect(blocks).toMatchObject([{ type: 'table', start: 0, end: text.length }]);
		const wide =
			'<table><tr><th rowspan=2>A</th><th colspan=2>B</th></tr><tr><th>b1</th><th>b2</th></tr><tr><td>1</td><td rowspan=3>2</td><td>3</td></tr><tr><td>4</td><td>5</td></tr></table>';
		expect(await page(wide)).toBe(
			'| A | B | B |\n| A | b1 | b2 |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 4 | 2 | 5 |',
		);
	});

	it('reads tables that only lay out the page as a page', async () => {
		expect(await page('<table><tr><td><h1>News</h1><p>One.</p></td></tr></table>')).toBe('# News\n\nOne.');
		expect(
			await page(
				'<table><tr><td>Menu</td><td><table><tr><th>a</th></tr><tr><td>1</td></tr></table></td></tr></table>',
			),
		).toContain('| a |\n| --- |\n| 1 |');
	});

	it('shows what browsers without scripting show where an element was never closed', async () => {
		expect((await readFixture('unclosed-noscript.html')).text).toBe('Body text one.\n\nBody text two.');
		expect(await page('<noscript>Turn on JavaScript.</noscript><p>Text.</p>')).toBe('Text.');
	});

	it('leaves out menus and cookie banners, unless the page has nothing else', async () => {
		expect((await readFixture('nav-cookie.html')).text).toBe(
			'# Return policy\n\nGoods can be returned within 45 days.',
		);
		expect(await page('<nav><a>Home</a> <a>Prices</a></nav>')).toBe('Home Prices');
		expect(await page('<p>Our recipe.</p><footer>Call 0800 555.</footer>')).toContain('Call 0800 555.');
		const policy = 'We keep a cookie for a year. '.repeat(80).trim();
		expect(await page(`<div class="cookie-policy">${policy}</div>`)).toBe(policy);
	});

	it('numbers lists as they are printed', async () => {
		expect(await page('<ol start=3><li>three<li>four<ol type=a><li>x<li>y</ol><li value=9>nine</ol>')).toBe(
			'3. three\n4. four\n  a. x\n  b. y\n9. nine',
		);
	});
});
