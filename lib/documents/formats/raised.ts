/** Characters of a raised figure; longer text is no figure. */
const MOST = 100;

/**
 * Raised text behind other text, so that the two are not read as one number: figures get a `^`, letters (1st) stay.
 * @param before the last character or two before it: a caller that hands over all of its text looks at all of it again each time
 */
export function raisedText(before: string, raised: string): string {
	if (raised.length > MOST) return raised;
	const text = raised.trim();
	if (!/[\p{L}\p{N})\]]$/u.test(before)) return raised;
	return /^[-+−–]?\d[\d,.;–-]*$/.test(text) || /^[-+−]?[nmkxy]$/.test(text) ? `^${text}` : raised;
}
