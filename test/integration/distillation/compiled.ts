import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const root = join(__dirname, '..', '..', '..');

/**
 * lib/support, lib/engine and lib/distillation as JavaScript in `folder`, for child processes that run without jest.
 * Returns the door of lib/distillation. `folder` must be below the repository, so that packages are found.
 */
export function compileRoom(folder: string): string {
	for (const room of ['support', 'engine', 'distillation']) {
		const from = join(root, 'lib', room);
		for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
			if (!name.endsWith('.ts')) continue;
			const { code } = transformSync(readFileSync(join(from, name), 'utf8'), {
				jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
				module: { type: 'commonjs', ignoreDynamic: true },
			});
			const to = join(folder, 'lib', room, name.replace(/\.ts$/, '.js'));
			mkdirSync(dirname(to), { recursive: true });
			writeFileSync(to, code);
		}
	}
	return join(folder, 'lib', 'distillation', 'index.js');
}

export const cacheFolder = join(root, '.cache');
