/** Raised text behind other text, so that the two are not read as one number: figures get a `^`, letters (1st) stay. */
export function raisedText(before: string, raised: string): string {
	const text = raised.trim();
	if (!/[\p{L}\p{N})\]]$/u.test(before)) return raised;
	return /^[-+−–]?\d[\d,.;–-]*$/.test(text) || /^[-+−]?[nmkxy]$/.test(text) ? `^${text}` : raised;
}
