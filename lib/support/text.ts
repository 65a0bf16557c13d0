/**
 * The text without the characters of `unwanted` at its end. A pattern such as `/x+$/` starts anew at each place of a run
 * that does not end the text, which takes the square of its length.
 */
export function trimEndOf(text: string, unwanted: string): string {
	let end = text.length;
	while (end > 0 && unwanted.includes(text.charAt(end - 1))) end--;
	return text.slice(0, end);
}

/** The text without the characters of `unwanted` at its start. */
export function trimStartOf(text: string, unwanted: string): string {
	let start = 0;
	while (start < text.length && unwanted.includes(text.charAt(start))) start++;
	return text.slice(start);
}

/** Whether the text has one of the phrases. */
export function hasAny(text: string, phrases: readonly string[]): boolean {
	return phrases.some((phrase) => text.includes(phrase));
}

/** What is between the first `open` and the last `close` behind it, both included; undefined without such a pair. */
export function outermost(text: string, open: string, close: string): string | undefined {
	const start = text.indexOf(open);
	const end = text.lastIndexOf(close);
	return start === -1 || end < start ? undefined : text.slice(start, end + close.length);
}

/** The text, or its first `most` characters and an ellipsis; never half of a surrogate pair. */
export function shortened(text: string, most: number): string {
	if (text.length <= most) return text;
	const end = text.charCodeAt(most - 1) >> 10 === 0x36 ? most - 1 : most;
	return `${text.slice(0, end)}…`;
}

/** A number of things as people read it: 12,345. */
export function formatCount(count: number): string {
	return count.toLocaleString('en');
}

/** A size in bytes as people read it, in whole megabytes of 1024 × 1024 bytes, rounded up: what is over a limit reads as more. */
export function formatMegabytes(bytes: number): string {
	return `${formatCount(Math.ceil(bytes / 2 ** 20))} MB`;
}

/** A share from 0 to 1 as people read it: "82.3 %". */
export function formatPercent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}

/** `40 s`, `5 min`, `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
	const seconds = Math.max(1, Math.round(milliseconds / 1000));
	if (seconds < 90) return `${seconds} s`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 90) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
