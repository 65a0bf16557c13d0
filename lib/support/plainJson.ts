/** Nesting of JSON that is taken from outside. Deeper values overflow the stack of whatever walks them (JSON.stringify at some 5,000). */
export const MAX_NESTING = 200;

/**
 * Why a value cannot be sent or stored as JSON, as the end of a sentence ("is nested deeper than 200 levels"); undefined when it can.
 * Goes level by level, so that it neither overflows the stack nor follows a cycle for ever.
 */
export function jsonProblem(value: unknown): string | undefined {
	let level = new Set<object>();
	const problem = scalarProblem(value);
	if (problem !== undefined) return problem;
	if (typeof value === 'object' && value !== null) level.add(value);
	for (let depth = 0; level.size > 0; depth++) {
		if (depth >= MAX_NESTING) return `is nested deeper than ${MAX_NESTING} levels`;
		const below = new Set<object>();
		for (const each of level) {
			if (ArrayBuffer.isView(each)) continue;
			const entries: readonly unknown[] = Array.isArray(each) ? each : Object.values(each);
			for (const entry of entries) {
				if (typeof entry === 'object' && entry !== null) below.add(entry);
				else if (typeof entry === 'number' || typeof entry === 'bigint') {
					const found = scalarProblem(entry);
					if (found !== undefined) return found;
				}
			}
		}
		level = below;
	}
	return undefined;
}

function scalarProblem(value: unknown): string | undefined {
	if (typeof value === 'bigint') return 'contains a whole number that is too large for JSON (BigInt)';
	if (typeof value === 'number' && !Number.isFinite(value))
		return `contains ${value}, which JSON cannot hold`;
	return undefined;
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Whether a JSON text is nested deeper than {@link MAX_NESTING}, before it is parsed. */
export function isNestedTooDeep(json: string): boolean {
	let depth = 0;
	let quoted = false;
	for (let at = 0; at < json.length; at++) {
		const unit = json.charCodeAt(at);
		if (quoted) {
			if (unit === BACKSLASH) at++;
			else if (unit === QUOTE) quoted = false;
		} else if (unit === QUOTE) quoted = true;
		// { and [ differ from } and ] by two, and by nothing else from each other but one bit.
		else if ((unit | 32) === 123) {
			if (++depth > MAX_NESTING) return true;
		} else if ((unit | 32) === 125) depth--;
	}
	return false;
}
