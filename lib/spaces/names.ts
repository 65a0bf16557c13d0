import { SpaceError } from './errors';

/** Not a space: the credential of the administrator has this name. */
export const ADMINISTRATOR = 'administrator';
const RESERVED: readonly string[] = [ADMINISTRATOR, 'default'];

// One case only (folders of macOS and Windows know no other), and no "." (it separates space and index on Qdrant).
const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Returns the name when a space may have it. @throws SpaceError `invalidName` */
export function checkSpaceName(name: unknown): string {
	if (typeof name === 'string' && NAME.test(name) && !RESERVED.includes(name)) return name;
	const shown = typeof name === 'string' ? `"${name.slice(0, 80)}"` : `a ${typeof name}`;
	throw new SpaceError(
		'invalidName',
		`${shown} cannot be the name of a space. Use 1–32 lower-case letters (a–z), digits and "-", beginning with a letter. "${RESERVED.join('" and "')}" are taken.`,
	);
}
