import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LocalEngineError } from './errors';
import { nodeProblem } from './nodeVersion';

/** package.json stands above lib/ in the sources and above dist/ in what is installed. */
const MANIFEST = ['../../package.json', '../../../package.json']
	.map((file) => path.join(__dirname, file))
	.find((file) => statSync(file, { throwIfNoEntry: false }) !== undefined);

interface Release {
	readonly version: string;
	/** Differs when the files were put there anew, by an update or by installing the same version again. */
	readonly installed: string;
}

function releaseOfFiles(): Release | undefined {
	if (MANIFEST === undefined) return undefined;
	try {
		const { mtimeMs, size } = statSync(MANIFEST);
		const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
		return { version, installed: `${version} ${mtimeMs} ${size}` };
	} catch {
		// not there, or written at this moment
		return undefined;
	}
}

/** What this code was loaded from. */
const ours = releaseOfFiles();

/** `missing` while n8n updates the pack, and after it was removed; `replaced` when the files are of another installation. */
export type PackFiles = 'ours' | 'replaced' | 'missing';

/** How the installed files go with the code that runs. n8n moves the folder away, fills a new one and then loads that. */
export function packFiles(): PackFiles {
	const now = releaseOfFiles();
	if (!now) return 'missing';
	return now.installed === ours?.installed ? 'ours' : 'replaced';
}

/**
 * - `updating`: the pack's files are being replaced, so a part of it could not be loaded.
 * - `oldNode`: the pack does not run on this version of Node.
 */
export class PackError extends LocalEngineError<'updating' | 'oldNode'> {}

const tooOld = nodeProblem();

/** What keeps a part of the pack from being loaded now, as the error for people; undefined when nothing does. */
export function packFailure(): PackError | undefined {
	if (tooOld !== undefined) return new PackError('oldNode', tooOld);
	const files = packFiles();
	if (files === 'ours') return undefined;
	if (files === 'missing')
		return new PackError(
			'updating',
			'The nodes of n8n-nodes-local-engine are being updated or were removed. Try again in a minute. If the error stays, restart n8n.',
		);
	return new PackError(
		'updating',
		`n8n-nodes-local-engine was updated from ${ours?.version} to ${releaseOfFiles()?.version} while n8n was running. Try again. If the error stays, restart n8n.`,
	);
}

/** The same as one sentence, for output. */
export function packNotice(): string | undefined {
	return packFailure()?.message;
}

/**
 * Throws while the files are not those of this code. To be called before a file of the pack or of its dependencies is loaded, or a
 * program of it is started: what is loaded would belong to another version, and Node never looks again for what it missed once.
 */
export function assertPackFiles(): void {
	const failure = packFailure();
	if (failure) throw failure;
}

/** Loads a part of the pack or one of its dependencies, unless the files are of another installation. */
export function loadPart<T>(load: () => T): T {
	assertPackFiles();
	return load();
}

/** The same for what is needed again and again: loaded once. The build makes one of every `import()` (gulpfile.js). */
export function lazyPart<T>(load: () => T | Promise<T>): () => Promise<T> {
	let loaded: { readonly part: T } | undefined;
	return async () => {
		loaded ??= { part: await loadPart(load) };
		return loaded.part;
	};
}

/** The message of an error, with what to do about it while files and code differ. */
export function withPackNotice(message: string): string {
	const notice = packNotice();
	return notice === undefined || message.includes(notice) ? message : `${message} ${notice}`;
}

/** `removed`: the files are gone. `updated`: n8n has loaded the files anew, and new executions use what it loaded. */
export type Unloading = 'removed' | 'updated';

const POLL_MS = 5_000;
const waiting = new Set<(how: Unloading) => void>();
let poll: NodeJS.Timeout | undefined;

/** n8n forgets the modules of a pack that it removes or updates, and tells nobody. */
function unloading(): Unloading | undefined {
	const loaded = require.cache[__filename];
	if (loaded === module) return undefined;
	if (loaded) return 'updated';
	// or in the middle of an update
	return packFiles() === 'missing' ? 'removed' : undefined;
}

/** Calls `end` when this code is used no longer, within 5 seconds. Returns a function that takes the request back. */
export function whenUnloaded(end: (how: Unloading) => void): () => void {
	waiting.add(end);
	poll ??= setInterval(() => {
		const how = unloading();
		if (!how) return;
		const all = [...waiting];
		waiting.clear();
		stopPolling();
		for (const each of all) each(how);
	}, POLL_MS).unref();
	return () => {
		waiting.delete(end);
		if (waiting.size === 0) stopPolling();
	};
}

function stopPolling(): void {
	clearInterval(poll);
	poll = undefined;
}
