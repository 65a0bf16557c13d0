import { randomBytes } from 'node:crypto';
import { isObject, jsonCopy, type JsonValue } from '../../support';
import { IndexError } from '../errors';
import type { IndexEntry, IndexSettings, IndexVersion } from '../types';
import { KeyValueTable } from './keyvalue';
import { connect, placeKey, translate, type Place } from './lance';

export interface CatalogVersion {
	readonly settings: IndexSettings;
	readonly createdAt: string;
	/** How it is searched, as tuning found; see tuning.ts. */
	readonly tuning?: JsonValue;
}

/** What a name stands for. The pointer readers follow is in one row, so that switching it is one commit. */
export interface CatalogEntry {
	readonly live: string;
	readonly versions: Readonly<Record<string, CatalogVersion>>;
}

const TABLE = 'catalog';
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
		let opening = catalogs.get(key);
		if (!opening) {
			opening = KeyValueTable.open(place, TABLE, 'the list of indexes').then(
				(table) => new Catalog(place, table),
			);
			catalogs.set(key, opening);
			opening.catch(() => catalogs.delete(key));
		}
		return await opening;
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
			const settings = entry.versions[entry.live]?.settings;
			if (settings) entries.push({ name, settings, versions: versionsOf(entry) });
		}
		return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	/** Enters a new name. Resolves to false when it is taken. */
	async add(name: string, version: string, settings: IndexSettings): Promise<boolean> {
		const entry: CatalogEntry = { live: version, versions: { [version]: fresh(settings) } };
		return await this.table.putIfAbsent(name, jsonCopy(entry));
	}

	async addVersion(name: string, version: string, settings: IndexSettings): Promise<void> {
		await this.change(name, (entry) => ({
			...entry,
			versions: { ...entry.versions, [version]: fresh(settings) },
		}));
	}

	/** Makes a version the live one, in one commit. */
	async switchTo(name: string, version: string): Promise<void> {
		await this.change(name, (entry) => {
			mustHave(name, entry, version);
			return { ...entry, live: version };
		});
	}

	async setTuning(name: string, version: string, tuning: JsonValue): Promise<void> {
		await this.change(name, (entry) => {
			const known = mustHave(name, entry, version);
			return { ...entry, versions: { ...entry.versions, [version]: { ...known, tuning } } };
		});
	}

	async removeVersion(name: string, version: string): Promise<void> {
		await this.table.put(new Map([[DROPPED + version, name]]));
		await this.change(name, (entry) => {
			mustHave(name, entry, version);
			if (entry.live === version) {
				throw new IndexError(
					'invalidQuery',
					`Version ${version} of the index "${name}" is the live one and cannot be removed.`,
				);
			}
			const others = Object.entries(entry.versions).filter(([each]) => each !== version);
			return { ...entry, versions: Object.fromEntries(others) };
		});
		await this.finishDrop([version]);
	}

	/** Takes the name out and removes the tables of all its versions. */
	async remove(name: string): Promise<void> {
		const entry = await this.get(name);
		if (!entry) throw notFound(name);
		const versions = Object.keys(entry.versions);
		await this.table.put(new Map(versions.map((version) => [DROPPED + version, name])));
		await this.table.delete([name]);
		await this.finishDrop(versions);
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
			await connection.dropTable(table).catch((thrown: unknown) => {
				const error = translate(thrown, 'removing an index');
				if (error.kind !== 'notFound') throw error;
			});
		}
	}

	private async change(name: string, change: (entry: CatalogEntry) => CatalogEntry): Promise<void> {
		await this.table.update(name, (value) => {
			if (value === undefined) throw notFound(name);
			return jsonCopy(change(toEntry(value)));
		});
		changes++;
	}
}

let changes = 0;

/** How often this process has changed a catalog: what was read at a smaller number may be out of date. */
export function catalogChanges(): number {
	return changes;
}

const catalogs = new Map<string, Promise<Catalog>>();

export function notFound(name: string): IndexError {
	return new IndexError(
		'notFound',
		`There is no index named "${name}". Create it first, or check the name and the place.`,
	);
}

export function versionsOf(entry: CatalogEntry): IndexVersion[] {
	return Object.entries(entry.versions)
		.map(([version, { settings, createdAt }]) => ({
			version,
			live: version === entry.live,
			settings,
			createdAt,
		}))
		.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

function fresh(settings: IndexSettings): CatalogVersion {
	return { settings, createdAt: new Date().toISOString() };
}

function mustHave(name: string, entry: CatalogEntry, version: string): CatalogVersion {
	const known = entry.versions[version];
	if (known) return known;
	throw new IndexError('notFound', `The index "${name}" has no version ${version}.`);
}

function toEntry(value: JsonValue): CatalogEntry {
	if (isEntry(value)) return value;
	throw new IndexError('backend', 'The list of indexes holds an entry this version cannot read.');
}

function isEntry(value: unknown): value is CatalogEntry {
	return isObject(value) && 'live' in value && 'versions' in value;
}
