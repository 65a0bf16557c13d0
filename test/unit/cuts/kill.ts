import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runChild } from '../../support/child';
import type { Killed } from './killChild';
import { snapshots } from './operations';

/**
 * Carries out an operation in a process of its own until it is killed (SIGKILL): by itself at its n-th write, or when `hangs` resolves.
 * @param folder for files that the process reads
 * @returns false where it ended before that: an operation has a write less where two of them came together
 */
export async function runKilled(
	what: Omit<Killed, 'snapshots'>,
	folder: string,
	hangs?: Promise<void>,
): Promise<boolean> {
	const own = await mkdtemp(path.join(folder, 'killed-'));
	try {
		const files: Array<[1 | 2, string]> = [];
		for (const [version, bytes] of snapshots) {
			const file = path.join(own, String(version));
			await writeFile(file, bytes);
			files.push([version, file]);
		}
		const asked: Killed = { ...what, snapshots: files };
		const { killed } = await runChild(path.join(__dirname, 'killChild.ts'), [JSON.stringify(asked)], {
			killWhen: hangs,
		});
		return killed;
	} finally {
		await rm(own, { recursive: true, force: true });
	}
}
