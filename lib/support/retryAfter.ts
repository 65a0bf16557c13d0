/** Milliseconds that a `Retry-After` header asks to wait, given as seconds or as a date; undefined where it says nothing of use. */
export function retryAfterMs(header: string | string[] | undefined, now = Date.now()): number | undefined {
	const text = Array.isArray(header) ? header[0] : header;
	if (text === undefined || text === '') return undefined;
	const seconds = Number(text);
	const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
	return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
