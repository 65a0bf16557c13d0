import type * as LanceDb from '@lancedb/lancedb';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	createSecretRedactor,
	loadPart,
	LocalEngineError,
	messageOf,
	privateFolder,
	STARS,
	temporaryFilesIn,
	trimEndOf,
} from '../../support';
import { createGate } from './gate';
import { IndexError, type IndexErrorKind } from '../errors';
import { checkObjectStore } from './objectStore';
import { isUrl, type Place, placeKey } from './place';

export type Lance = typeof LanceDb;
export type { Connection, FullTextQuery, Table } from '@lancedb/lancedb';

let loaded: Lance | undefined;

/** LanceDB brings a native binary of some 190 MB: it is loaded at first use, and only this back end needs it. */
export async function loadLance(): Promise<Lance> {
	loaded ??= load();
	return loaded;
}

/** Processors and systems that LanceDB has binaries for; on Linux for glibc and musl. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** By `require`: Node remembers a failed `import()` until it ends, and a file that is missing now may be there in a minute. */
function load(): Lance {
	// Its Rust side prints a warning for every compaction that lost a race, which is business as usual here.
	process.env.LANCEDB_LOG ??= 'error';
	keepRunningOnFewCores();
	boundReading();
	try {
		return loadPart(() => createRequire(__filename)('@lancedb/lancedb') as Lance);
	} catch (thrown) {
		if (thrown instanceof LocalEngineError) throw thrown;
		throw loadingFailed(thrown, `${process.platform}-${process.arch}`);
	}
}

/** What to say when LanceDB cannot be loaded. @param platform system and processor, as "linux-x64" */
export function loadingFailed(thrown: unknown, platform: string): IndexError {
	if (!PLATFORMS.includes(platform))
		return new IndexError(
			'unsupported',
			`The embedded index needs LanceDB, which has no binary for ${platform}. Use a Qdrant server instead.`,
			{ cause: thrown },
		);
	const words = messageOf(thrown).split('\n', 1)[0]!.slice(0, 300);
	return new IndexError(
		'backend',
		`LanceDB, which the embedded index needs, could not be loaded: ${words} Run it again. If the error stays, install the pack again.`,
		{ cause: thrown },
	);
}

/**
 * Tidyings (and keyword indexes made) at the same moment in one process. Each holds one thread of LanceDB's pool while it
 * waits for another: the pool must have more threads than that.
 */
export const TIDYINGS_AT_ONCE = 2;
export const tidyingGate = createGate(TIDYINGS_AT_ONCE);

/**
 * LanceDB gives its pool two threads less than the machine has cores, at least one. Up to the version used here the
 * keyword index is written by as many producers as the pool has threads, and what they produce is encoded in the same
 * pool: where they hold all of it nothing ever moves again (lance-format/lance#7423, lancedb/lancedb#3568; seen here on two
 * cores at 50,000 rows). One producer a table and some threads to spare exclude that.
 */
function keepRunningOnFewCores(): void {
	process.env.LANCE_FTS_NUM_SHARDS ??= '1';
	process.env.LANCE_CPU_THREADS ??= String(Math.max(TIDYINGS_AT_ONCE + 2, availableParallelism() - 2));
}

/**
 * LanceDB reads up to 2 GB ahead of who merges files or scans a table, in batches of 8,192 rows: memory then grows with the
 * table up to that. Measured while 60,000 rows were written: 520 MB instead of 680, at the same speed.
 */
function boundReading(): void {
	process.env.LANCE_DEFAULT_IO_BUFFER_SIZE ??= String(64 * 1024 * 1024);
	process.env.LANCE_DEFAULT_BATCH_SIZE ??= '1024';
}

const connections = new Map<string, Promise<LanceDb.Connection>>();
/** More places than this in one process is a loop over made-up folders, not a deployment. */
const MAX_CONNECTIONS = 64;
/**
 * LanceDB's own defaults are 6 GB and 1 GB of cache, more than many a machine that runs n8n has. Tidying fills a cache
 * with what nobody asks for again (each time the keyword index has new files), so it has a small one of its own: in the
 * shared one its remains would grow to the limit and drive out what searches need.
 */
const MB = 1024 * 1024;
export const TIDY_CACHES = { index: 16 * MB, metadata: 16 * MB };
const CACHES = { serving: { index: 512 * MB, metadata: 32 * MB }, tidying: TIDY_CACHES };
type Purpose = keyof typeof CACHES;

/** One connection per place, purpose and process, so that tables and their caches are shared by all executions. */
export async function connect(place: Place, purpose: Purpose = 'serving'): Promise<LanceDb.Connection> {
	// Each time: who opened it before may have had leave that this caller has not.
	if (isUrl(place.directory)) await checkObjectStore(place);
	const key = `${purpose} ${placeKey(place)}`;
	const known = connections.get(key);
	if (known) {
		if (!isUrl(place.directory)) await privateFolder(place.directory);
		return await known;
	}
	if (connections.size >= MAX_CONNECTIONS) {
		const [oldest] = connections.keys();
		if (oldest !== undefined) connections.delete(oldest);
	}
	const opening = open(place, purpose);
	connections.set(key, opening);
	opening.catch(() => connections.delete(key));
	return await opening;
}

/** A table that is there, on the connection for tidying. */
export async function openToTidy(place: Place, table: string): Promise<LanceDb.Table> {
	return await (await connect(place, 'tidying')).openTable(table);
}

async function open({ directory, storageOptions }: Place, purpose: Purpose): Promise<LanceDb.Connection> {
	const lance = await loadLance();
	keepSecret(storageOptions);
	try {
		if (!isUrl(directory)) {
			await privateFolder(directory);
			await temporaryFilesIn(directory);
		}
		const session = sessionFor(lance, purpose);
		// Interval 0: every read sees what other processes have committed. It costs a look into one folder.
		return await lance.connect(directory, {
			readConsistencyInterval: 0,
			session,
			...(storageOptions && { storageOptions: { ...storageOptions } }),
		});
	} catch (thrown) {
		throw translate(thrown, `opening the index folder "${directory}"`);
	}
}

const sessions = new Map<Purpose, LanceDb.Session>();
function sessionFor(lance: Lance, purpose: Purpose): LanceDb.Session {
	const known = sessions.get(purpose);
	if (known) return known;
	const { index, metadata } = CACHES[purpose];
	const session = new lance.Session(BigInt(index), BigInt(metadata));
	sessions.set(purpose, session);
	return session;
}

const secrets = new Set<string>();
let known = 0;
let redactor = createSecretRedactor([], STARS);

/** An object store's error may show the request, and with it a token: values of such options never reach a message. */
function keepSecret(options: Place['storageOptions'] = {}): void {
	for (const [name, value] of Object.entries(options)) {
		if (/secret|token|password|key|sas|credential|authorization/i.test(name) && value.length >= 4)
			secrets.add(value);
	}
	if (secrets.size !== known) {
		known = secrets.size;
		redactor = createSecretRedactor([...secrets], STARS);
	}
}

/**
 * Turns what LanceDB threw into an IndexError; `doing` completes "… failed while <doing>". Errors of ours (of a reranker within a
 * search, say) stay what they are.
 */
export function translate(thrown: unknown, doing: string): LocalEngineError {
	if (isOurs(thrown)) return thrown;
	const own = messageOf(thrown);
	const kind = kindOf(own);
	return new IndexError(kind, `${capital(doing)} failed: ${explain(kind, own)}`, { cause: thrown });
}

function isOurs(thrown: unknown): thrown is LocalEngineError {
	return thrown instanceof LocalEngineError;
}

function kindOf(message: string): IndexErrorKind {
	if (/commit conflict|concurrent|too much contention|preempted|directory not empty/i.test(message))
		return 'conflict';
	if (
		/no space left|os error 28|disk quota|os error 122|access ?denied|403 forbidden|401 unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|file too large|os error 27|EFBIG|read-only file system|os error 30|permission denied|os error 13|EACCES|EROFS|ENOSPC|EDQUOT|ENOTDIR|EEXIST|file exists|not a directory/i.test(
			message,
		)
	)
		return 'storage';
	if (/was not found|not found:/i.test(message)) return 'notFound';
	return 'backend';
}

function explain(kind: IndexErrorKind, own: string): string {
	const words = shorten(own);
	if (kind === 'conflict')
		return `other writers kept changing the index at the same moment; run it again. (${words})`;
	if (kind === 'storage')
		return `the storage refused it; check free space and permissions, then run it again. (${words})`;
	if (kind === 'notFound')
		return `its data is no longer there; it may have been dropped meanwhile. (${words})`;
	return words;
}

/** LanceDB's messages end in the source lines of its Rust code, which help nobody here. */
function shorten(message: string): string {
	const words = redactor.text(message);
	const source = words.indexOf('/registry/src/');
	const end = source === -1 ? words.length : words.lastIndexOf(' ', source);
	return trimEndOf(words.slice(0, Math.max(0, end)).split('\n', 1)[0]!, ', ').slice(0, 400);
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

const ATTEMPTS = 6;

/** Runs a commit again when another writer got in between: bounded, with growing random pauses (0.05–1.6 s). */
export async function retryConflicts<T>(doing: string, commit: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await commit();
		} catch (thrown) {
			const error = translate(thrown, doing);
			if (error.kind !== 'conflict' || attempt === ATTEMPTS) throw error;
			await sleep(50 * 2 ** (attempt - 1) * (0.5 + Math.random()));
		}
	}
}
