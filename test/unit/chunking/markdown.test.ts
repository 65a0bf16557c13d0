import { type Chunk, chunkSync } from '../../../lib/chunking';

function markdown(text: string, size: number, overlap = 0): Chunk[] {
	return [...chunkSync(text, { method: 'markdown', size, overlap })];
}

function texts(chunks: Chunk[]): string[] {
	return chunks.map((piece) => piece.text);
}

describe('Sections', () => {
	const text = '# Book\n\nIntro.\n\n## One\n\nFirst text.\n\n### Detail\n\nMore.\n\n## Two\n\nSecond text.\n';

	test('that fit with their subsections are one chunk', () => {
		expect(markdown(text, 1000)).toMatchObject([{ text, headings: ['Book'], kind: 'text' }]);
	});

	test('that do not fit are taken apart into introduction and subsections, each with its path of headings', () => {
		expect(markdown(text, 50)).toMatchObject([
			{ text: '# Book\n\nIntro.\n\n', headings: ['Book'] },
			{ text: '## One\n\nFirst text.\n\n### Detail\n\nMore.\n\n', headings: ['Book', 'One'] },
			{ text: '## Two\n\nSecond text.\n', headings: ['Book', 'Two'] },
		]);
		expect(markdown(text, 30).map((piece) => piece.headings)).toEqual([
			['Book'],
			['Book', 'One'],
			['Book', 'One', 'Detail'],
			['Book', 'Two'],
		]);
	});

	test('keep their path on every chunk of a long text', () => {
		const chunks = markdown(`# A\n\n## B\n\n${'Some words here. '.repeat(20)}`, 100);
		expect(chunks.length).toBeGreaterThan(3);
		for (const piece of chunks) expect(piece.headings).toEqual(['A', 'B']);
	});

	test('are found by underlined headings, closing marks and CRLF, not by a hash without a space or inside code', () => {
		const odd =
			'Top\r\n===\r\n\r\ntext\r\n\r\nSub\r\n---\r\n\r\n#no\r\n\r\n```\r\n# code\r\n```\r\n\r\n## Last ##\r\n\r\nend';
		expect(markdown(odd, 45).map((piece) => piece.headings)).toEqual([
			['Top'],
			['Top', 'Sub'],
			['Top', 'Last'],
		]);
	});

	test('with nothing but a heading are of kind heading', () => {
		expect(markdown('# A\n\n# B\n\ntext', 9)).toMatchObject([
			{ text: '# A\n\n', kind: 'heading' },
			{ headings: ['B'] },
		]);
	});
});

describe('Tables', () => {
	const rows = Array.from({ length: 12 }, (_, i) => `| row ${i} | value ${i} |\n`);
	const table = `| name | value |\n|---|---|\n${rows.join('')}`;

	test('too large for a chunk are cut between rows; later pieces carry the header row as metadata', () => {
		const chunks = markdown(`Before.\n\n${table}\nAfter.\n`, 100);
		const pieces = chunks.filter((piece) => piece.kind === 'table');
		expect(pieces.length).toBeGreaterThan(2);
		for (const piece of pieces) expect(piece.text).toMatch(/^(\| .* \|\n|\|---\|---\|\n)+\n?$/);
		expect(pieces.map((piece) => piece.tableHeader)).toEqual([
			undefined,
			...pieces.slice(1).map(() => '| name | value |'),
		]);
		expect(chunks.at(0)?.text).toBe('Before.\n\n');
		expect(chunks.at(-1)?.text).toBe('After.\n');
	});

	test('stay with the heading above them', () => {
		expect(markdown(`# Prices\n\n${table}`, 120)[0]).toMatchObject({
			headings: ['Prices'],
			kind: 'table',
			text: /^# Prices\n\n\| name/,
		});
	});
});

describe('Code fences', () => {
	test('that fit are never cut: every chunk opens as many as it closes', () => {
		const block = '```js\nconst a = 1;\n\n# comment\nconst b = 2;\n```\n\n';
		const text = `# H\n\nSome text before it.\n\n${block}More text in between the two.\n\n${block}- item\n\n  ~~~\n  inner ~~~ x\n  ~~~\n`;
		for (let size = 60; size < 260; size += 7) {
			for (const overlap of [0, 10, 25]) {
				for (const piece of markdown(text, size, overlap)) {
					expect((piece.text.match(/^ *(```|~~~)/gm) ?? []).length % 2).toBe(0);
					expect(piece.fence).toBeUndefined();
				}
			}
		}
	});

	test('larger than a chunk are cut between lines; inner pieces carry the opening line', () => {
		const lines = Array.from({ length: 30 }, (_, i) => `line(${i});\n`).join('');
		const chunks = markdown(`Text.\n\n\`\`\`ts\n${lines}\`\`\`\nAfter.\n`, 80);
		const code = chunks.filter((piece) => piece.kind === 'code');
		expect(code.length).toBeGreaterThan(3);
		expect(code.map((piece) => piece.fence)).toEqual([undefined, ...code.slice(1).map(() => '```ts')]);
		for (const piece of code) expect(piece.text.endsWith('\n')).toBe(true);
		expect(chunks.at(-1)).toMatchObject({ text: 'After.\n', kind: 'text' });
	});

	test('left open reach to the end and swallow headings, as CommonMark says', () => {
		const chunks = markdown('# A\n\n```\n# not a heading\n', 1000);
		expect(chunks).toMatchObject([{ headings: ['A'], kind: 'code' }]);
	});
});

describe('Lists, paragraphs and front matter', () => {
	test('lists are cut between outer items', () => {
		const text = '- one one one\n  - inner one\n- two two two\n  - inner two\n- three three\n';
		expect(texts(markdown(text, 60))).toEqual([
			'- one one one\n  - inner one\n- two two two\n  - inner two\n',
			'- three three\n',
		]);
		expect(markdown(text, 60)[0]?.kind).toBe('list');
	});

	test('paragraphs are kept whole where they fit', () => {
		const paragraph = 'Ten words are in this one paragraph of the text.\n\n';
		expect(texts(markdown(paragraph.repeat(4), 120))).toEqual([paragraph.repeat(2), paragraph.repeat(2)]);
	});

	test('front matter is a chunk of its own and its comment lines are no headings', () => {
		const text = '---\ntitle: x\n# comment\n---\n\n# Real\n\ntext\n';
		expect(markdown(text, 500)).toMatchObject([
			{ text: '---\ntitle: x\n# comment\n---\n\n', headings: [] },
			{ text: '# Real\n\ntext\n', headings: ['Real'] },
		]);
	});
});
