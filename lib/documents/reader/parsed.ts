import { formatCount } from '../../support';
import type { ExtractedText } from '../types';

/** What a parser gives; `tooLarge` where it stopped at a bound. */
export type Parsed = ExtractedText;

/** A sentence for the user; anything else that is thrown is the parser's own complaint. */
export class Refusal extends Error {
	constructor(
		message: string,
		readonly tooLarge = false,
	) {
		super(message);
	}
}

/** Collects the records of a file as paragraphs and remembers where each begins. */
export class Paragraphs {
	readonly starts: number[] = [];
	private readonly parts: string[] = [];
	private length = 0;

	constructor(private readonly textLength: number) {}

	/** `skipped` counts the empty records before it: they begin, and end, where this one begins. */
	add(text: string, skipped = 0): void {
		const separator = this.length === 0 ? '' : '\n\n';
		this.parts.push(separator, text);
		for (let count = 0; count <= skipped; count++) this.starts.push(this.length + separator.length);
		this.length += separator.length + text.length;
		if (this.length > this.textLength) {
			throw new Refusal(
				`The text of the file is longer than ${formatCount(this.textLength)} characters. Split the file.`,
				true,
			);
		}
	}

	get text(): string {
		return this.parts.join('');
	}
}
