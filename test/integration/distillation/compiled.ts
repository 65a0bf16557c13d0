import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const root = join(__dirname, '..', '..', '..');

/**
 * lib/distillation with the modules it imports, as JavaScript in `folder`, for child processes that run without jest.
 * Returns the entry point of lib/distillation. `folder` must be below the repository, so that packages are found.
 */
export function compileDistillation(folder: string): string {
	for (const module of ['support', 'engine', 'experiment', 'distillation']) {
		const from = join(root, 'lib', module);
		for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
			if (!name.endsWith('.ts')) continue;
			const { code } = transformSync(readFileSync(join(from, name), 'utf8'), {
				jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
				module: { type: 'commonjs', ignoreDynamic: true },
			});
			const to = join(folder, 'lib', module, name.replace(/\.ts$/, '.js'));
			mkdirSync(dirname(to), { recursive: true });
			writeFileSync(to, code);
		}
	}
	// The code looks at it to see whether its files are still those it was loaded from.
	copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
	return join(folder, 'lib', 'distillation', 'index.js');
}

export const cacheFolder = join(root, '.cache');
