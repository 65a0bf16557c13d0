import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');
export const inRoot = (...parts) => path.join(root, ...parts);
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** Files below `folder` (absolute paths), node_modules left out. */
export function* filesBelow(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const full = path.join(folder, entry.name);
		if (entry.isDirectory()) {
			if (entry.name !== 'node_modules') yield* filesBelow(full);
		} else yield full;
	}
}

/** A fingerprint of names, sizes and times of files: changes when any of them is touched, added or removed. */
export function stampOf(files) {
	const lines = [...files].sort().map((file) => {
		const { size, mtimeMs } = statSync(file);
		return `${path.relative(root, file)} ${size} ${mtimeMs}`;
	});
	return sha256(lines.join('\n'));
}
