import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import {
	createSlicer,
	formatMegabytes,
	isObject,
	jsonCopy,
	MAX_LINE,
	messageOf,
	parseJson,
	readLines,
	type CallContext,
	type JsonValue,
} from '../support';
import { IndexError, throwIfCancelled } from './errors';
import { createVersion, dropIndex, listVersions, openIndex, switchVersion } from './open';
import { PLACE_PREFIX } from './names';
import { isSettings } from './settings';
import type { IndexAddress, IndexSettings, Point, StoredPoint, VectorIndex } from './types';

/*
 * A snapshot is gzipped JSON lines: a head with the settings, the manifest, the rows with their vectors, and an end with
 * counts and a hash, without which it is known to be cut off. It does not depend on the back end: what was taken from an
 * embedded index can be restored on Qdrant.
 */

const FORMAT = 'local-engine-index';
const VERSION = 1;
const MOST = formatMegabytes(MAX_LINE);
/** Written together on restoring the manifest. */
const KEYS_AT_ONCE = 500;

type Line =
	| { readonly format: string; readonly version: number; readonly name: string; readonly settings: JsonValue }
	| { readonly key: string; readonly value: JsonValue }
	| { readonly row: JsonValue }
	| { readonly end: true; readonly rows: number; readonly keys: number; readonly sha256: string };

/**
 * The whole index as one stream of bytes. Rows are those of one moment (embedded) or of the time of reading (Qdrant);
 * the manifest is read first, so that a document written meanwhile is at worst written once more by the next sync.
 */
export function snapshotIndex(index: VectorIndex, call: CallContext = {}): AsyncIterable<Uint8Array> {
	const zipped = createGzip();
	// An error while reading becomes the reader's, who would wait for ever for a stream that is only piped.
	pipeline(Readable.from(linesOf(index, call)), zipped, () => undefined);
	return zipped;
}

async function* linesOf(index: VectorIndex, call: CallContext): AsyncGenerator<string> {
	const hash = createHash('sha256');
	const turn = createSlicer();
	const write = (line: Line): string => {
		const text = `${JSON.stringify(line)}\n`;
		// What could not be restored is no backup.
		if (text.length > MAX_LINE)
			throw new IndexError('backend', `The snapshot failed: a row is longer than ${MOST} of JSON.`);
		if (!('end' in line)) hash.update(text);
		return text;
	};
	const { name, rows: total } = await index.info();
	const settings = jsonCopy(await index.settings());
	yield write({ format: FORMAT, version: VERSION, name, settings });
	let keys = 0;
	for await (const [key, value] of index.manifest.scan()) {
		throwIfCancelled(call.signal, 'The snapshot');
		if (key.startsWith(PLACE_PREFIX)) continue;
		keys += 1;
		yield write({ key, value });
	}
	let rows = 0;
	for await (const point of index.scan(undefined, { signal: call.signal })) {
		await turn();
		rows += 1;
		yield write({ row: encodePoint(point) });
		if (rows % 1_000 === 0) call.onProgress?.({ done: rows, total });
	}
	call.onProgress?.({ done: rows, total });
	yield write({ end: true, rows, keys, sha256: hash.digest('hex') });
}

/**
 * Makes an index of a snapshot. When there is one of that name it is refused, or with `replace` rebuilt beside it and
 * put in its place when complete; readers see the old one until then, and it is kept as a version to go back to.
 *
 * @param options.notes kept in the settings beside those of the snapshot
 *
 * Errors: `alreadyExists`; `invalidQuery` when the bytes are no snapshot, cut off or damaged; `conflict` when another restore of
 * the name began meanwhile. Nothing is left behind; what a killed restore leaves is no index, and the next one removes it.
 */
export async function restoreIndex(
	address: IndexAddress,
	bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	options: { readonly replace?: boolean; readonly notes?: IndexSettings['notes'] } = {},
	call: CallContext = {},
): Promise<VectorIndex> {
	const source = Readable.from(bytes);
	const lines = unzippedLines(source);
	try {
		return await restoreLines({ ...address, version: undefined }, lines, options, call);
	} finally {
		await lines.return(undefined);
		source.destroy();
		// Readable.from closes what it reads only when it has begun to.
		if (bytes instanceof Readable) bytes.destroy();
	}
}

/** The version is filled before the name points to it: what an interrupted restore leaves is never read, and the next one removes it. */
async function restoreLines(
	live: IndexAddress,
	lines: AsyncGenerator<string>,
	{ replace = false, notes }: { readonly replace?: boolean; readonly notes?: IndexSettings['notes'] },
	call: CallContext,
): Promise<VectorIndex> {
	if (!replace && (await exists(live))) {
		throw new IndexError(
			'alreadyExists',
			`There is an index named "${live.name}" already. Restore under another name, or replace it.`,
		);
	}
	const first = await lines.next();
	const taken = first.done ? undefined : settingsOf(first.value);
	if (!taken || first.done) throw damaged('it does not begin like one');
	const settings = notes ? { ...taken, notes: { ...taken.notes, ...notes } } : taken;
	const index = await createVersion(live, settings, 'restore');
	const { version } = await index.info();
	try {
		await fill(index, first.value, lines, call);
		await switchVersion({ ...live, version }, replace ? {} : { ifLive: null });
	} catch (thrown) {
		throw await afterRemoval({ ...live, version }, thrown);
	}
	return await openIndex(live);
}

async function exists(address: IndexAddress): Promise<boolean> {
	try {
		await listVersions(address);
		return true;
	} catch (thrown) {
		if (thrown instanceof IndexError && thrown.kind === 'notFound') return false;
		throw thrown;
	}
}

/** Removes a version that was not filled. Resolves to the error to report: the first one, whatever becomes of the removal. */
async function afterRemoval(address: IndexAddress, cause: unknown): Promise<unknown> {
	const gone = (thrown: unknown): boolean => thrown instanceof IndexError && thrown.kind === 'notFound';
	try {
		await dropIndex(address, address.name);
	} catch (thrown) {
		if (gone(thrown) && gone(cause))
			return new IndexError(
				'conflict',
				`Restoring stopped: another run created, restored or dropped the index "${address.name}" meanwhile. Nothing was restored; run it again if this snapshot is the one you want.`,
				{ cause },
			);
		// It is not live, so nobody reads it, and the next restore removes it.
	}
	return cause;
}

async function fill(
	index: VectorIndex,
	head: string,
	lines: AsyncGenerator<string>,
	call: CallContext,
): Promise<void> {
	const hash = createHash('sha256').update(`${head}\n`);
	let keys = new Map<string, JsonValue>();
	const seen = { rows: 0, keys: 0 };
	let ended = false;

	async function putKeys(): Promise<void> {
		await index.manifest.put(keys);
		keys = new Map();
	}

	async function* rows(): AsyncGenerator<Point> {
		for await (const line of lines) {
			const content = parseLine(line);
			if ('end' in content) {
				if (content.sha256 !== hash.digest('hex') || content.rows !== seen.rows || content.keys !== seen.keys)
					throw damaged('its contents do not match its check sum');
				ended = true;
				return;
			}
			hash.update(`${line}\n`);
			if ('row' in content) {
				seen.rows += 1;
				yield decodePoint(content.row);
			} else if (typeof content.key === 'string') {
				seen.keys += 1;
				keys.set(content.key, content.value ?? null);
				if (keys.size >= KEYS_AT_ONCE) await putKeys();
			} else throw damaged('it has a line of an unknown kind');
		}
	}

	const report = await index.upsert(rows(), call);
	if (!ended) throw damaged('it is cut off');
	await putKeys();
	const [failure] = report.failed;
	if (failure) throw damaged(`one of its rows cannot be written (${failure.reason})`);
	const count = await index.count();
	if (count !== seen.rows)
		throw new IndexError('backend', `Restoring failed: ${seen.rows} rows were written, ${count} are there.`);
}

/** Lines of the unzipped bytes. Throws `invalidQuery` when they cannot be unzipped, or a line is too long. */
async function* unzippedLines(source: Readable): AsyncGenerator<string> {
	const unzipped = source.pipe(createGunzip());
	source.on('error', (error) => unzipped.destroy(error));
	try {
		for await (const { number, text } of readLines(unzipped)) {
			if (text === undefined) throw damaged(`its line ${number} is longer than ${MOST}`);
			yield text;
		}
	} catch (thrown) {
		if (thrown instanceof IndexError) throw thrown;
		throw damaged(`it cannot be read (${messageOf(thrown)})`);
	} finally {
		source.destroy();
	}
}

function parseLine(line: string): { readonly [key: string]: JsonValue } {
	const value = parseJson(line);
	if (isObject(value)) return value;
	throw damaged('a line of it is not JSON');
}

function settingsOf(line: string): IndexSettings | undefined {
	const { format, version, settings } = parseLine(line);
	if (format !== FORMAT) return undefined;
	if (version !== VERSION) {
		throw new IndexError(
			'unsupported',
			`This snapshot has format ${JSON.stringify(version)}, and this version of the pack reads format ${VERSION}. Update the pack to the version that took it. Nothing was restored.`,
		);
	}
	return isSettings(settings) ? settings : undefined;
}

/** Vectors as base64 of their little-endian floats: exact, and half as long as numbers. */
function encodePoint({ vector, ...point }: StoredPoint): JsonValue {
	const fields = jsonCopy(point);
	if (!vector || !isObject(fields)) return fields;
	return {
		...fields,
		vector: Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64'),
	};
}

function decodePoint(row: JsonValue | undefined): Point {
	if (!isPoint(row)) throw damaged('a row of it has no source or no text, or metadata that is no object');
	const { vector, ...point } = row;
	if (typeof vector !== 'string') return point;
	const bytes = Buffer.from(vector, 'base64');
	if (bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) throw damaged('a vector of it is not whole');
	return { ...point, vector: new Float32Array(new Uint8Array(bytes).buffer) };
}

function isPoint(
	row: JsonValue | undefined,
): row is { readonly source: string; readonly text: string; readonly vector?: string } {
	return (
		isObject(row) &&
		typeof row.source === 'string' &&
		typeof row.text === 'string' &&
		(row.metadata === undefined || isObject(row.metadata))
	);
}

function damaged(problem: string): IndexError {
	return new IndexError(
		'invalidQuery',
		`This is not a whole snapshot of an index: ${problem}. Nothing was restored.`,
	);
}
