import { chunkPreview, chunkStatistics, chunkSync } from '../../../lib/chunking';

const source = `# Title <script>alert("x")</script>\n\n${'Some words here. '.repeat(30)}`;
const SIGNS: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
const shownText = (html: string) =>
	html
		.slice(html.indexOf('<pre>') + 5, html.indexOf('</pre>'))
		.replace(/<[^>]*>/g, '')
		.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => SIGNS[name] ?? '');

describe('the preview of chunks', () => {
	test.each([0, 40])('shows the whole source once, whatever the overlap (%i)', (overlap) => {
		const chunks = [...chunkSync(source, { method: 'fixed', size: 100, overlap })];
		const html = chunkPreview(source, chunks);
		expect(shownText(html)).toBe(source);
		expect(html.includes(' o"')).toBe(overlap > 0);
	});

	test('takes nothing of the source for HTML', () => {
		expect(
			chunkPreview(source, [...chunkSync(source, { method: 'recursive', size: 80 })], '<b>'),
		).not.toMatch(/<script|<b>/);
	});

	test('figures: count, sizes, histogram that counts every chunk', () => {
		const chunks = [...chunkSync(source, { method: 'fixed', size: 100 })];
		const statistics = chunkStatistics(chunks);
		expect(statistics).toMatchObject({ count: chunks.length, unit: 'characters', oversized: 0 });
		expect(statistics.sizes.max).toBe(100);
		expect(statistics.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(chunks.length);
	});

	test('no chunks give zeros, not NaN', () => {
		expect(chunkStatistics([])).toEqual({
			count: 0,
			unit: 'characters',
			sizes: { min: 0, median: 0, mean: 0, max: 0 },
			oversized: 0,
			histogram: [],
		});
	});
});
