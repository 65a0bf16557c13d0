import { statSync } from 'node:fs';

/** Which file or folder it is, whatever its name; undefined where there is none. Numbers alone are given again soon. */
export function identityOf(path: string): string | undefined {
	const found = statSync(path, { throwIfNoEntry: false });
	return found && `${found.dev} ${found.ino} ${found.birthtimeMs}`;
}
