import { IndexError } from './errors';
import { shortened } from '../support';

// Letters of any case, digits, - and _: valid as a Qdrant collection or alias name, a file name part and a URL segment.
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Rows of a manifest about the place where the index is: no copy of it takes them along. */
export const PLACE_PREFIX = 'place:';

/** Returns the name when it is a valid index name, otherwise throws `invalidName`. */
export function checkName(name: unknown): string {
	if (typeof name === 'string' && NAME.test(name)) return name;
	const shown = typeof name === 'string' ? `"${shortened(name, 80)}"` : `a ${typeof name}`;
	throw new IndexError(
		'invalidName',
		`${shown} cannot be the name of an index. Use 1–63 letters (a–z), digits, "-" or "_", beginning with a letter or digit.`,
	);
}
