import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Without what is random or a time in the names of files. */
const steadyName = (step: string): string =>
	step.replace(/[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\d{8,}(?:T\d+)?/g, 'ID').replace(/(?:ID[-T.]?)+/g, 'ID');

type Callable = (...args: unknown[]) => unknown;

/**
 * What a piece of work does with the files of a folder: each call of Node's fs that names one, and each run of scrypt, sorted.
 * Two pieces of work with the same steps take the same time but for noise.
 */
export async function fileSteps<Result>(
	folder: string,
	work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly steps: readonly string[] }> {
	const steps: string[] = [];
	const restore: Array<() => void> = [];
	const watch = (owner: object, name: string, stepOf: (args: unknown[]) => string | undefined): void => {
		const functions = owner as Record<string, Callable>;
		const original = functions[name];
		if (typeof original !== 'function') return;
		functions[name] = function (this: unknown, ...args: unknown[]) {
			const step = stepOf(args);
			if (step !== undefined) steps.push(step);
			return Reflect.apply(original, this, args);
		};
		restore.push(() => {
			functions[name] = original;
		});
	};
	const isInside = (value: unknown): value is string =>
		typeof value === 'string' && (value === folder || value.startsWith(folder + path.sep));
	for (const owner of [fs, fs.promises])
		for (const name of Object.keys(owner).filter((each) => /^[a-z]/.test(each)))
			watch(owner, name, (args) => {
				const file = args.slice(0, 2).find(isInside);
				return file === undefined ? undefined : steadyName(`${name} ${path.relative(folder, file)}`);
			});
	watch(crypto, 'scrypt', () => 'scrypt');
	try {
		const result = await work();
		return { result, steps: steps.sort() };
	} finally {
		for (const each of restore) each();
	}
}
