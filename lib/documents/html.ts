import { createSlicer, formatCount } from '../support';
import { DocumentError } from './errors';
import type { ExtractedText } from './types';

/** Characters parsed between two looks at the clock: less than 1 ms, 20 ms at the greatest depth. */
const STEP = 1 << 13;
/** Elements open at once. htmlparser2 moves all of them for each new one, so that deep pages take time by the square. */
const MAX_DEPTH = 20_000;

const SKIPPED = new Set([
	'script',
	'style',
	'noscript',
	'template',
	'svg',
	'math',
	'iframe',
	'object',
	'head',
]);
const HEADINGS = new Map([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, `${'#'.repeat(level)} `]));
const BLOCKS = new Set(
	'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup hr legend li main menu nav ol optgroup option p pre search section summary table tbody tfoot thead tr ul'.split(
		' ',
	),
);
/** Blocks that an empty line keeps apart; the others begin on a new line. */
const APART = new Set('p pre table ul ol dl blockquote figure section article hr'.split(' '));

/**
 * The text of an HTML page as markdown (headings, list marks, table bars, code fences), so that a markdown
 * chunker sees its structure. Scripts, styles and the head are left out. Offsets refer to this text.
 */
export async function readHtml(
	page: { readonly text: string; readonly warnings?: readonly string[] },
	textLength: number,
): Promise<ExtractedText> {
	const { Parser } = await import('htmlparser2');
	const writer = new TextWriter();
	let depth = 0;
	let deepest = 0;
	const parser = new Parser(
		{
			onopentag: (name, attributes) => {
				deepest = Math.max(deepest, ++depth);
				writer.open(name, attributes);
			},
			onclosetag: (name) => {
				depth--;
				writer.close(name);
			},
			ontext: (text) => writer.write(text),
		},
		{ decodeEntities: true, lowerCaseTags: true },
	);
	const turn = createSlicer();
	for (let at = 0; at < page.text.length; at += STEP) {
		parser.write(page.text.slice(at, at + STEP));
		if (writer.length > textLength) {
			throw new DocumentError('tooLarge', 'The text of the page is larger than allowed. Send it in parts.');
		}
		if (deepest > MAX_DEPTH) {
			throw new DocumentError(
				'tooLarge',
				`The page has more than ${formatCount(MAX_DEPTH)} elements open at once; its tags are not closed. Repair it, or send its text.`,
			);
		}
		await turn();
	}
	parser.end();
	const title = writer.title;
	return {
		text: writer.text,
		...(title === '' ? {} : { title }),
		...(page.warnings ? { warnings: page.warnings } : {}),
	};
}

/** Writes text with the least white space that keeps blocks apart. */
class TextWriter {
	length = 0;
	private readonly parts: string[] = [];
	private titleParts: string[] = [];
	private inTitle = false;
	/** Open elements that hide what is in them. */
	private hidden = 0;
	private preformatted = 0;
	private readonly lists: Array<{ ordered: boolean; item: number }> = [];
	/** Cells seen in the row that is open, and whether they were all headers. */
	private cells = 0;
	private headerRow = true;
	/** White space owed before the next text: 0 none, 1 space, 2 new line, 3 empty line. */
	private owed = 0;
	/** A heading's or list item's mark, written with its first text. */
	private mark = '';

	get text(): string {
		return this.parts.join('').trimEnd();
	}

	get title(): string {
		return this.titleParts.join('').replace(/\s+/g, ' ').trim().slice(0, 2048);
	}

	open(name: string, attributes: { readonly [name: string]: string }): void {
		if (name === 'title' && this.titleParts.length === 0) this.inTitle = true;
		if (SKIPPED.has(name)) this.hidden++;
		if (this.hidden > 0) return;
		const heading = HEADINGS.get(name);
		if (heading !== undefined) {
			this.owe(3);
			this.mark = heading;
		} else if (BLOCKS.has(name)) this.owe(APART.has(name) && this.lists.length === 0 ? 3 : 2);
		switch (name) {
			case 'br':
				this.owe(2);
				break;
			case 'ul':
			case 'ol':
				this.lists.push({ ordered: name === 'ol', item: 0 });
				break;
			case 'li':
				this.mark = this.listMark();
				break;
			case 'pre':
				this.preformatted++;
				this.append('```\n');
				break;
			case 'tr':
				this.cells = 0;
				this.headerRow = true;
				break;
			case 'td':
			case 'th':
				this.append(this.cells++ === 0 ? '| ' : ' | ');
				if (name === 'td') this.headerRow = false;
				this.owed = 0;
				break;
			case 'img':
				if (attributes.alt) this.write(attributes.alt);
				break;
		}
	}

	close(name: string): void {
		if (name === 'title') this.inTitle = false;
		if (SKIPPED.has(name)) {
			this.hidden = Math.max(0, this.hidden - 1);
			return;
		}
		if (this.hidden > 0) return;
		if (name === 'pre' && this.preformatted > 0) {
			this.preformatted--;
			this.append(this.parts.at(-1)?.endsWith('\n') === true ? '```' : '\n```');
		}
		if ((name === 'ul' || name === 'ol') && this.lists.length > 0) this.lists.pop();
		if (name === 'tr' && this.cells > 0) {
			this.append(' |');
			if (this.headerRow) this.append(`\n|${' --- |'.repeat(Math.min(this.cells, 1000))}`);
			this.cells = 0;
		}
		if (HEADINGS.has(name)) {
			this.mark = '';
			this.owe(3);
		} else if (BLOCKS.has(name)) this.owe(APART.has(name) && this.lists.length === 0 ? 3 : 2);
	}

	write(text: string): void {
		if (this.inTitle) this.titleParts.push(text);
		if (this.hidden > 0) return;
		if (this.preformatted > 0) {
			this.append(text);
			return;
		}
		const collapsed = text.replace(/[\t\n\f\r ]+/g, ' ');
		if (collapsed === ' ' || collapsed === '') {
			if (collapsed === ' ') this.owe(1);
			return;
		}
		if (collapsed.startsWith(' ')) this.owe(1);
		this.append(collapsed.trim());
		if (collapsed.endsWith(' ')) this.owe(1);
	}

	private owe(space: number): void {
		// Inside a table row a new line would break the row.
		const owed = this.cells > 0 ? Math.min(space, 1) : space;
		if (owed > this.owed) this.owed = owed;
	}

	private append(text: string): void {
		const before = this.parts.length === 0 ? '' : (['', ' ', '\n', '\n\n'][this.owed] ?? '');
		const whole = before + this.mark + text;
		this.owed = 0;
		this.mark = '';
		this.parts.push(whole);
		this.length += whole.length;
	}

	private listMark(): string {
		const list = this.lists.at(-1);
		if (!list) return '- ';
		const indent = '  '.repeat(Math.min(this.lists.length - 1, 20));
		return indent + (list.ordered ? `${++list.item}. ` : '- ');
	}
}
