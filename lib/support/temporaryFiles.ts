import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The folder for temporary files: the system's, or one inside `data` where that cannot be written to (a container that may write to its
 * volume only). Then TMPDIR of this process is set to it, because LanceDB and the processes we start look there.
 *
 * @param data a folder that may be written to; made where it is not there
 */
export async function temporaryFilesIn(data: string): Promise<string> {
	const usual = tmpdir();
	try {
		await access(usual, constants.W_OK | constants.X_OK);
		return usual;
	} catch {
		const folder = path.join(data, '.temporary');
		await mkdir(folder, { recursive: true, mode: 0o700 });
		process.env.TMPDIR = folder;
		return folder;
	}
}
