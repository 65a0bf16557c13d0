/** Characters of Word that stand for something else ([MS-DOC] 2.4.1). */
const MARKS = {
	...{ note: '\x02', fieldBegins: '\x13', fieldShows: '\x14', fieldEnds: '\x15' },
	...{ hyphen: '\x1e', lineEnd: '\x0b' },
} as const;

/** Leaves out what is not seen: the codes of fields, which may go over several paragraphs, deleted text and anchors. */
export class VisibleText {
	/** Of each field that is open: whether what it shows has begun. */
	private fields: boolean[] = [];
	/** How many of them do not show anything yet. */
	private codes = 0;
	private readonly labels = new Map<number, string>();

	/** @param refs where the references to notes stand in the body */
	constructor(refs: { readonly footnotes: readonly number[]; readonly endnotes: readonly number[] }) {
		refs.footnotes.slice(0, -1).forEach((place, at) => this.labels.set(place, `[${at + 1}]`));
		refs.endnotes.slice(0, -1).forEach((place, at) => this.labels.set(place, `[e${at + 1}]`));
	}

	/** Another story begins. */
	begin(): void {
		this.fields = [];
		this.codes = 0;
	}

	/** What is seen of the characters from `start` to `end`. */
	of(text: string, start: number, end: number): string {
		let seen = '';
		for (let at = start; at < end; at++) {
			const letter = text[at] ?? '';
			if (letter === MARKS.fieldBegins) this.change(undefined, false);
			else if (letter === MARKS.fieldEnds) this.change(this.fields.pop(), undefined);
			else if (letter === MARKS.fieldShows) this.change(this.fields.pop(), true);
			else if (this.codes === 0) seen += this.shown(letter, at);
		}
		return seen;
	}

	/** A field begins (false), shows something (true) or ends (undefined). */
	private change(before: boolean | undefined, after: boolean | undefined): void {
		if (before === false) this.codes--;
		if (after === false) this.codes++;
		if (after !== undefined) this.fields.push(after);
	}

	private shown(letter: string, at: number): string {
		if (letter >= ' ' || letter === '\t') return letter;
		if (letter === MARKS.hyphen) return '-';
		if (letter === MARKS.lineEnd) return '\n';
		return letter === MARKS.note ? (this.labels.get(at) ?? '') : '';
	}
}
