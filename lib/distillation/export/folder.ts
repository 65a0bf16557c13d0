import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import {
	asNumber,
	isObject,
	messageOf,
	parseJson,
	PRIVATE_FOLDER,
	privateFolder,
	shortened,
} from '../../support';
import { DistillationError } from '../errors';
import { removeStale } from '../temporary';

export const MANIFEST = 'manifest.json';
/** Says in a manifest that the folder is ours to replace. */
export const MANIFEST_KIND = 'n8n-nodes-local-engine/data-set';

/** @throws DistillationError `invalidOptions` for what cannot be the name of a data set, and of its folder */
export function checkSetName(name: string): void {
	if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(name)) return;
	throw new DistillationError(
		'invalidOptions',
		`The data set's name "${shortened(name, 100)}" may hold letters, digits, spaces and . _ - only (at most 100, a letter or digit first).`,
	);
}

/**
 * Moves a data set into another folder of data sets on the same disk, in one step.
 *
 * @returns its new folder
 * @throws DistillationError `folder` when there is none of that name, or one is there already
 */
export async function moveDataSet(name: string, from: string, to: string): Promise<string> {
	checkSetName(name);
	const [source, target] = [join(from, name), join(to, name)];
	if (!(await exists(source)) || !(await isOurs(source)))
		throw new DistillationError('folder', `There is no data set "${name}" in the default space.`);
	if (await exists(target))
		throw new DistillationError(
			'folder',
			`The space has a data set "${name}" already, so nothing was moved. Build it under another name.`,
		);
	await privateFolder(to);
	await rename(source, target);
	return target;
}

function isMissing(thrown: unknown): boolean {
	return isObject(thrown) && thrown.code === 'ENOENT';
}

async function exists(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch (thrown) {
		if (isMissing(thrown)) return false;
		throw new DistillationError('folder', `${path} cannot be looked at: ${messageOf(thrown)}`, {
			cause: thrown,
		});
	}
}

/**
 * The absolute path of `path`, which must lie inside one of the allowed folders, symbolic links followed.
 * Errors: `folder`.
 *
 * @param closed a folder that allowed ones may contain, and that they do not open: only allowed folders inside it do
 */
export async function insideAllowed(
	path: string,
	allowed: readonly string[],
	closed?: string,
): Promise<string> {
	if (path === '' || path.includes('\u0000'))
		throw new DistillationError('folder', 'The folder to write to has no usable name.');
	const target = resolve(path);
	// What does not exist yet cannot be a link: the deepest part that exists decides.
	let existing = target;
	while (!(await exists(existing)) && dirname(existing) !== existing) existing = dirname(existing);
	const real = join(await realpath(existing), relative(existing, target));
	const shut = closed !== undefined && (await exists(resolve(closed))) ? await realpath(resolve(closed)) : '';
	for (const folder of allowed) {
		if (!(await exists(resolve(folder)))) continue;
		const base = await realpath(resolve(folder));
		if (shut !== '' && isInside(real, shut) && !isInside(base, shut)) continue;
		if (real !== base && isInside(real, base)) return real;
	}
	throw new DistillationError(
		'folder',
		`${path} is not inside an allowed folder (${allowed.length === 0 ? 'none is allowed' : allowed.join(', ')}). Choose a folder inside, or allow this one.`,
	);
}

/** Whether a path is a folder or lies inside it. */
function isInside(path: string, folder: string): boolean {
	const way = relative(folder, path);
	return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function isOurs(folder: string): Promise<boolean> {
	try {
		const manifest = parseJson(await readFile(join(folder, MANIFEST), 'utf8'));
		return isObject(manifest) && manifest.kind === MANIFEST_KIND;
	} catch (thrown) {
		if (isMissing(thrown)) return (await readdir(folder)).length === 0;
		throw thrown;
	}
}

/**
 * A folder that appears under its name whole or not at all: written beside it and renamed. What was there is replaced
 * only when it is an earlier export or empty.
 */
export class AtomicFolder {
	private constructor(
		readonly target: string,
		readonly path: string,
	) {}

	static async create(target: string): Promise<AtomicFolder> {
		const parent = dirname(target);
		try {
			await mkdir(parent, { recursive: true, mode: PRIVATE_FOLDER });
			await AtomicFolder.#tidy(target);
			if ((await exists(target)) && !(await isOurs(target))) {
				throw new DistillationError(
					'folder',
					`${target} holds files that are no earlier export, and they would be lost. Choose another folder or empty it.`,
				);
			}
			const path = join(parent, `.${basename(target)}.writing-${randomBytes(6).toString('hex')}`);
			await mkdir(path, { mode: PRIVATE_FOLDER });
			return new AtomicFolder(target, path);
		} catch (thrown) {
			if (thrown instanceof DistillationError) throw thrown;
			throw new DistillationError('folder', `${target} cannot be written: ${messageOf(thrown)}`, {
				cause: thrown,
			});
		}
	}

	/** What killed runs left: half-written folders, or the previous export moved aside at the very end. */
	static async #tidy(target: string): Promise<void> {
		const parent = dirname(target);
		await removeStale(parent, `.${basename(target)}.writing-`);
		for (const name of await readdir(parent)) {
			if (!name.startsWith(`.${basename(target)}.previous-`)) continue;
			if (await exists(target)) await rm(join(parent, name), { recursive: true, force: true });
			else await rename(join(parent, name), target);
		}
	}

	/** Rows of the export that this one would replace; 0 where there is none. */
	async rowsBefore(): Promise<number> {
		try {
			const manifest = parseJson(await readFile(join(this.target, MANIFEST), 'utf8'));
			return (isObject(manifest) && asNumber(manifest.rows)) || 0;
		} catch (thrown) {
			if (isMissing(thrown)) return 0;
			throw thrown;
		}
	}

	async publish(): Promise<void> {
		const previous = join(
			dirname(this.target),
			`.${basename(this.target)}.previous-${randomBytes(6).toString('hex')}`,
		);
		const replaces = await exists(this.target);
		if (replaces) await rename(this.target, previous);
		await rename(this.path, this.target);
		if (replaces) await rm(previous, { recursive: true, force: true });
	}

	async discard(): Promise<void> {
		await rm(this.path, { recursive: true, force: true });
	}
}
