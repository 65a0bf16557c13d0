import { raisedText } from '../raised';

/** White space of every width, which separates words: a no-break space does so too. */
const SPACES = /[\t\n\f\r \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/g;
/** Marks that are not seen: where a word may be broken. */
const UNSEEN = /[\u00ad\u200b\ufeff]/g;

/** The text of a block as it is read: white space collapsed, raised figures marked, struck-through text left out. */
export class InlineText {
	private parts: string[] = [];
	/** The character before what comes next; empty at the beginning. */
	private last = '';
	private struck = 0;
	/** By raised text that is open: how many parts and which character stand before it. */
	private readonly raised: Array<{ readonly at: number; readonly before: string }> = [];

	add(text: string): void {
		if (this.struck > 0) return;
		const line = text.replace(UNSEEN, '').replace(SPACES, ' ');
		this.push(/^[ \n]?$/.test(this.last) ? line.trimStart() : line);
	}

	newLine(): void {
		if (this.last !== '') this.push('\n');
	}

	strike(on: boolean): void {
		this.struck = Math.max(0, this.struck + (on ? 1 : -1));
	}

	raise(): void {
		this.raised.push({ at: this.parts.length, before: this.last });
	}

	/** The end of raised text: figures get a `^`, so that 30¹ is not 301; letters (1st) are left as they are. */
	lower(): void {
		const begun = this.raised.pop();
		if (begun) this.push(raisedText(begun.before, this.parts.splice(begun.at).join('')));
	}

	/** The text so far; the next one begins. */
	take(): string {
		const text = this.parts.join('').replace(/ \n/g, '\n').trim();
		this.parts = [];
		this.last = '';
		this.raised.length = 0;
		return text;
	}

	private push(text: string): void {
		if (text === '') return;
		this.parts.push(text);
		this.last = text.slice(-1);
	}
}
