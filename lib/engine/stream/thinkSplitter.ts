const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Some engines leave the model's thinking in the text as a literal `<think>…</think>` at its beginning (transcripts,
 * finding 12). This takes it apart while it streams. Only the very beginning counts: a tag later on is part of the text.
 */
export class ThinkSplitter {
	/** Nothing more to look for: the rest is text. */
	done = false;
	private inside = false;
	private held = '';
	private thought = '';
	private said = '';

	feed(text: string): void {
		this.held += text;
		if (!this.inside) {
			const start = this.held.trimStart();
			if (start === '' || (start.length < OPEN.length && OPEN.startsWith(start))) return;
			if (!start.startsWith(OPEN)) return this.end();
			this.inside = true;
			this.held = start.slice(OPEN.length);
		}
		const close = this.held.indexOf(CLOSE);
		if (close === -1) {
			// Keep back what may be the beginning of the closing tag.
			const keep = overlap(this.held);
			this.thought += this.held.slice(0, this.held.length - keep);
			this.held = this.held.slice(this.held.length - keep);
			return;
		}
		this.thought += this.held.slice(0, close);
		this.said += this.held.slice(close + CLOSE.length).trimStart();
		this.held = '';
		this.done = true;
	}

	/** No more is coming, or what came is no thinking: what is held is what it looks like. */
	end(): void {
		if (this.inside) this.thought += this.held;
		else this.said += this.held;
		this.held = '';
		this.done = true;
	}

	take(): { thought: string; said: string } {
		const taken = { thought: this.thought, said: this.said };
		this.thought = '';
		this.said = '';
		return taken;
	}
}

/** Length of the longest end of `text` that is a beginning of the closing tag. */
function overlap(text: string): number {
	for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
		if (text.endsWith(CLOSE.slice(0, length))) return length;
	}
	return 0;
}
