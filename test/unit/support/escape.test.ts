import { escapeMarkup, escapeRegExp, escapeTableCell } from '../../../lib/support';

test('no text can leave its element or its quoted attribute', () => {
	expect(escapeMarkup(`<b title="x" lang='y'>&amp;`)).toBe(
		'&lt;b title=&quot;x&quot; lang=&#39;y&#39;&gt;&amp;amp;',
	);
});

test('what XML does not allow even escaped is replaced, and everything else stays', () => {
	expect(escapeMarkup('a\u0000b\u000bc\u001bd\u007fe\u0085f\ud800g\uffffh\ufffei')).toBe(
		'a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffdi',
	);
	const kept = 'tab\t line\n return\r ä 漢 \u{1f600} \u2028';
	expect(escapeMarkup(kept)).toBe(kept);
});

test('an escaped text matches itself and nothing else', () => {
	const signs = '.*+?^${}()|[]\\/-a1 ü';
	expect(new RegExp(`^${escapeRegExp(signs)}$`, 'u').test(signs)).toBe(true);
	expect(new RegExp(`^${escapeRegExp('a.c')}$`).test('abc')).toBe(false);
});

test('a text in a cell of a Markdown table stays in its cell', () => {
	expect(escapeTableCell('a|b\\ `c` <d>\n| e\t f')).toBe('a\\|b\\\\ \\`c\\` \\<d\\> \\| e f');
});
