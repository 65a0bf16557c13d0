import type { SearchBackend } from './backend';
import type { FilterNode } from './filter/parse';
import { codesOf } from './terms';

/**
 * Whether a question names codes (part numbers, orders) of which none is in the rows, while they have others that look
 * the same: its neighbours in meaning are then other parts, which would be taken for the answer. Rows without such codes
 * do not decide: "GPT-40" in a collection of recipes is a word like any other.
 */
export async function asksForUnknownCode(
	backend: SearchBackend,
	text: string,
	filter: FilterNode,
): Promise<boolean> {
	const codes = codesOf(text);
	if (codes.length === 0) return false;
	const occurs = async (term: string): Promise<boolean> =>
		(await backend.matching([{ term, weight: 1 }], { limit: 1, filter, withVectors: false })).length > 0;
	const known = await Promise.all(codes.map(({ code }) => occurs(code)));
	if (known.some(Boolean)) return false;
	const alike = await Promise.all(codes.map(({ shape }) => occurs(shape)));
	return alike.some(Boolean);
}
