import { randomBytes } from 'node:crypto';
import { identityOf, isObject, jsonCopy, stableJson, type JsonValue } from '../../support';
import { IndexError } from '../errors';
import { FORMAT } from '../settings';
import type { BuildPurpose, IndexEntry, IndexSettings, IndexVersion } from '../types';
import { KeyValueTable, makeKeyValueTable } from './keyvalue';
import { connect, retryConflicts, translate } from './lance';
import { isUrl, placeKey, type Place } from './place';

export interface CatalogVersion {
	/** How its tables are laid out; see settings.ts. */
	readonly format: number;
	readonly settings: IndexSettings;
	readonly createdAt: string;
	/** Absent once it was live. */
	readonly building?: BuildPurpose;
	/** Its tables may not be there yet. */
	readonly making?: true;
	/** How it is searched, as tuning found; see tuning.ts. */
	readonly tuning?: JsonValue;
}

/**
 * What a name stands for. The pointer readers follow is in one row, so that switching it is one commit. Without it the index is
 * not there yet: it is being made or restored, or that was interrupted.
 */
export interface CatalogEntry {
	readonly live?: string;
	readonly versions: Readonly<Record<string, CatalogVersion>>;
}

const TABLE = 'catalog';
const WHAT = 'the list of indexes';
/** Versions whose tables are being removed; "~" cannot begin the name of an index. */
const DROPPED = '~dropped/';

/** The names of the tables of a version: made of its random id, never of anything a user typed. */
export function tablesOf(version: string): { readonly rows: string; readonly keys: string } {
	return { rows: `rows-${version}`, keys: `keys-${version}` };
}

export function newVersion(): string {
	return randomBytes(6).toString('hex');
}

/** The table of contents of one place: index name → versions. */
export class Catalog {
	/** Entries read since the last change. */
	private known: { readonly revision: number; readonly entries: Map<string, CatalogEntry> } = {
		revision: -1,
		entries: new Map(),
	};

	private constructor(
		private readonly place: Place,
		private readonly table: KeyValueTable,
	) {}

	static async open(place: Place): Promise<Catalog> {
		const key = placeKey(place);
		const known = catalogs.get(key);
		// Made anew under its name (its space was dropped, a backup was restored): nothing of the one before is in it.
		if (known && (known.folder === undefined || known.folder === folderOf(place))) return await known.opening;
		const opened: OpenedCatalog = {
			opening: makeKeyValueTable(place, TABLE, WHAT).then(async () => {
				const catalog = new Catalog(place, await KeyValueTable.open(place, TABLE, WHAT));
				opened.folder = folderOf(place);
				return catalog;
			}),
		};
		catalogs.set(key, opened);
		opened.opening.catch(() => catalogs.delete(key));
		return await opened.opening;
	}

	async get(name: string): Promise<CatalogEntry | undefined> {
		try {
			// Asked before the row is read: a write in between only makes the row be read once more.
			const revision = await this.table.revision();
			if (revision !== this.known.revision) this.known = { revision, entries: new Map() };
			const { entries } = this.known;
			const seen = entries.get(name);
			if (seen) return seen;
			const value = (await this.table.get([name])).get(name);
			if (value === undefined) return undefined;
			const entry = toEntry(value);
			entries.set(name, entry);
			return entry;
		} catch (thrown) {
			// The folder was removed under us: forget the open table, so that the next call makes it anew.
			catalogs.delete(placeKey(this.place));
			throw thrown;
		}
	}

	async list(): Promise<IndexEntry[]> {
		const entries: IndexEntry[] = [];
		for await (const [name, value] of this.table.scan()) {
			if (name.startsWith(DROPPED)) continue;
			const entry = toEntry(value);
			const settings = liveOf(entry)?.settings;
			if (settings) entries.push({ name, settings, versions: versionsOf(entry) });
		}
		return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	/**
	 * Enters the first version of a name, not live yet. Several creations with the same settings at once, or one that was
	 * interrupted and another, share it; anything else that is not live is removed. Resolves to undefined when the name is taken.
	 */
	async begin(name: string, settings: IndexSettings): Promise<string | undefined> {
		const begun = (version: CatalogVersion): boolean =>
			version.building === undefined && sameSettings(version, settings);
		await this.discard(name, (version, entry) => entry.live === undefined && !begun(version));
		const made = newVersion();
		let version: string | undefined;
		await this.table.update(name, (value) => {
			const entry = value === undefined ? { versions: {} } : toEntry(value);
			version = undefined;
			if (entry.live !== undefined) return undefined;
			version = Object.keys(entry.versions).find((each) => begun(mustHave(name, entry, each)));
			if (version !== undefined) return undefined;
			version = made;
			return jsonCopy({ ...entry, versions: { ...entry.versions, [made]: fresh(settings) } });
		});
		changes++;
		return version;
	}

	/**
	 * Enters a version that is being built. A restore removes what an interrupted one left, and needs no live version; a
	 * migration goes on with one that was interrupted while it made its tables. Resolves to the version's id.
	 */
	async addVersion(name: string, settings: IndexSettings, building: BuildPurpose): Promise<string> {
		const made = newVersion();
		let version = made;
		if (building === 'restore')
			await this.discard(name, (each, entry) => entry.live === undefined || each.building === 'restore');
		await this.table.update(name, (value) => {
			if (value === undefined && building !== 'restore') throw notFound(name);
			const entry = value === undefined ? { versions: {} } : toEntry(value);
			const added: CatalogVersion = { ...fresh(settings), building, making: true };
			const begun = Object.entries(entry.versions).find(
				([, each]) => each.making && each.building === building && sameSettings(each, settings),
			);
			version = begun?.[0] ?? made;
			return begun ? undefined : jsonCopy({ ...entry, versions: { ...entry.versions, [made]: added } });
		});
		changes++;
		return version;
	}

	/** The tables of a version are there. */
	async made(name: string, version: string): Promise<void> {
		await this.change(name, (entry) => {
			const { making, ...known } = mustHave(name, entry, version);
			return making && { ...entry, versions: { ...entry.versions, [version]: known } };
		});
	}

	/** Makes a version the live one, in one commit. Resolves to false where another one is live than `ifLive` says (`null`: none). */
	async switchTo(name: string, version: string, ifLive?: string | null): Promise<boolean> {
		let switched = true;
		await this.change(name, (entry) => {
			const known = mustHave(name, entry, version);
			if (known.making) throw versionNotFound(name, version);
			switched = ifLive === undefined || (entry.live ?? null) === ifLive;
			const built = { ...known, building: undefined };
			return switched
				? { ...entry, live: version, versions: { ...entry.versions, [version]: built } }
				: undefined;
		});
		return switched;
	}

	async setTuning(name: string, version: string, tuning: JsonValue): Promise<void> {
		await this.change(name, (entry) => {
			const known = mustHave(name, entry, version);
			return { ...entry, versions: { ...entry.versions, [version]: { ...known, tuning } } };
		});
	}

	async removeVersion(name: string, version: string): Promise<void> {
		const entry = await this.get(name);
		if (entry?.live === version) {
			throw new IndexError(
				'invalidQuery',
				`Version ${version} of the index "${name}" is the live one and cannot be removed.`,
			);
		}
		const left = await this.halfDropped(name);
		if (entry?.versions[version]) await this.discard(name, (_version, _entry, each) => each === version);
		await this.sweep();
		if (!entry?.versions[version] && !left.includes(version)) throw versionNotFound(name, version);
	}

	/** Takes the name out and removes the tables of all its versions; also what interrupted calls left of it. */
	async remove(name: string): Promise<void> {
		const entry = await this.get(name);
		const left = await this.halfDropped(name);
		if (!entry && left.length === 0) throw notFound(name);
		const versions = [...new Set([...Object.keys(entry?.versions ?? {}), ...left])];
		await this.table.put(new Map(versions.map((version) => [DROPPED + version, name])));
		await this.table.delete([name]);
		changes++;
		await this.finishDrop(versions);
	}

	/** Removes the versions of a name that are chosen; never the live one. */
	private async discard(
		name: string,
		isGone: (version: CatalogVersion, entry: CatalogEntry, id: string) => boolean,
	): Promise<void> {
		const idsIn = (entry: CatalogEntry): string[] =>
			Object.entries(entry.versions).flatMap(([id, version]) =>
				id !== entry.live && isGone(version, entry, id) ? [id] : [],
			);
		const before = await this.get(name);
		const planned = before ? idsIn(before) : [];
		if (planned.length === 0) return;
		await this.table.put(new Map(planned.map((version) => [DROPPED + version, name])));
		let gone: string[] = [];
		await this.change(name, (entry) => {
			gone = idsIn(entry).filter((id) => planned.includes(id));
			const kept = Object.entries(entry.versions).filter(([id]) => !gone.includes(id));
			return { ...entry, versions: Object.fromEntries(kept) };
		});
		await this.finishDrop(gone);
	}

	/** Versions of a name that a drop was interrupted at. */
	private async halfDropped(name: string): Promise<string[]> {
		const versions: string[] = [];
		for await (const [key, of] of this.table.scan(DROPPED)) {
			if (of === name) versions.push(key.slice(DROPPED.length));
		}
		return versions;
	}

	/**
	 * Finishes the drops of processes that were killed in between: they left a note. A note of a version that is still
	 * listed means the drop itself did not happen.
	 */
	async sweep(): Promise<void> {
		const done: string[] = [];
		for await (const [key, name] of this.table.scan(DROPPED)) {
			const version = key.slice(DROPPED.length);
			const entry = typeof name === 'string' ? await this.get(name) : undefined;
			if (!entry?.versions[version]) await this.dropTables(version);
			done.push(key);
		}
		await this.table.delete(done);
	}

	private async finishDrop(versions: readonly string[]): Promise<void> {
		for (const version of versions) await this.dropTables(version);
		await this.table.delete(versions.map((version) => DROPPED + version));
	}

	private async dropTables(version: string): Promise<void> {
		const connection = await connect(this.place);
		for (const table of Object.values(tablesOf(version))) {
			// Another process may be tidying it at this moment, and put files into a folder that is being removed.
			await retryConflicts('removing an index', () => connection.dropTable(table)).catch(
				(thrown: unknown) => {
					const error = translate(thrown, 'removing an index');
					if (error.kind !== 'notFound') throw error;
				},
			);
		}
	}

	/** Replaces an entry by what `change` makes of it; leaves it where that is undefined. */
	private async change(
		name: string,
		change: (entry: CatalogEntry) => CatalogEntry | undefined,
	): Promise<void> {
		await this.table.update(name, (value) => {
			if (value === undefined) throw notFound(name);
			const changed = change(toEntry(value));
			return changed && jsonCopy(changed);
		});
		changes++;
	}
}

let changes = 0;

/** How often this process has changed a catalog: what was read at a smaller number may be out of date. */
export function catalogChanges(): number {
	return changes;
}

interface OpenedCatalog {
	readonly opening: Promise<Catalog>;
	/** Which folder it is, whatever its name; undefined while it is opened, and in an object store. */
	folder?: string;
}

const catalogs = new Map<string, OpenedCatalog>();

const folderOf = ({ directory }: Place): string | undefined =>
	isUrl(directory) ? undefined : identityOf(directory);

export function notFound(name: string): IndexError {
	return new IndexError(
		'notFound',
		`There is no index named "${name}". Create it first, or check the name and the place.`,
	);
}

function sameSettings({ format, settings }: CatalogVersion, wanted: IndexSettings): boolean {
	return format === FORMAT && stableJson(settings) === stableJson(wanted);
}

function versionNotFound(name: string, version: string): IndexError {
	return new IndexError('notFound', `The index "${name}" has no version ${version}.`);
}

function liveOf({ live, versions }: CatalogEntry): CatalogVersion | undefined {
	return live === undefined ? undefined : versions[live];
}

export function versionsOf(entry: CatalogEntry): IndexVersion[] {
	return Object.entries(entry.versions)
		.map(([version, { format, settings, createdAt, building, making }]) => ({
			...{ version, live: version === entry.live, format, settings, createdAt },
			...(building && { building }),
			...(making && { partial: true as const }),
		}))
		.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

function fresh(settings: IndexSettings): CatalogVersion {
	return { format: FORMAT, settings, createdAt: new Date().toISOString() };
}

function mustHave(name: string, entry: CatalogEntry, version: string): CatalogVersion {
	const known = entry.versions[version];
	if (known) return known;
	throw versionNotFound(name, version);
}

function toEntry(value: JsonValue): CatalogEntry {
	if (isEntry(value)) return value;
	throw new IndexError('backend', 'The list of indexes holds an entry this version cannot read.');
}

function isEntry(value: unknown): value is CatalogEntry {
	return isObject(value) && isObject(value.versions);
}
