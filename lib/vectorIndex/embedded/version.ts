import type { Schema } from 'apache-arrow';
import { createGate } from './gate';
import type { IndexSettings } from '../types';
import { MIN_INDEXED_ROWS } from '../tuning';
import { Catalog, tablesOf } from './catalog';
import { KeyValueTable, makeKeyValueTable, openOrCreate } from './keyvalue';
import { connect, loadLance, translate, type Table } from './lance';
import { placeKey, type Place } from './place';
import { createMaintenance, type Maintenance } from './maintenance';
import { createTidier } from './tidying/tidy';
import { rowSchema } from './schema';
import { ensureVectorIndex, toTuning } from './tune';

/** The open tables of one version of an index; shared by everything in this process that uses it. */
export interface OpenVersion {
	readonly version: string;
	readonly rows: Table;
	readonly schema: Schema;
	readonly keys: KeyValueTable;
	readonly maintenance: Maintenance;
	/** Lets one write at a time through: at the same moment LanceDB would refuse the second one's commit. */
	readonly inTurn: <T>(write: () => Promise<T>) => Promise<T>;
}

const open = new Map<string, Promise<OpenVersion>>();
/** Tables stay open with their caches; beyond this many the one opened first is let go. */
const MAX_OPEN = 256;

/** Makes the tables of a version, as far as they are not there: a process may have been killed while it made them. */
export async function createTables(
	place: Place,
	name: string,
	version: string,
	{ dimensions }: IndexSettings,
): Promise<void> {
	const connection = await connect(place);
	const tables = tablesOf(version);
	const rows = await openOrCreate(connection, tables.rows, rowSchema(dimensions), `the index "${name}"`);
	await ensureKeywordIndex(rows, name);
	await makeKeyValueTable(place, tables.keys, `the manifest of the index "${name}"`);
}

/** Opens the tables of a version. Throws `notFound` where one of them is gone. */
export async function openVersion(
	place: Place,
	name: string,
	version: string,
	settings: IndexSettings,
): Promise<OpenVersion> {
	const key = `${placeKey(place)} ${version}`;
	let opening = open.get(key);
	if (!opening) {
		if (open.size >= MAX_OPEN) open.delete(open.keys().next().value ?? '');
		opening = openTables(place, name, version, settings);
		open.set(key, opening);
		opening.catch(() => open.delete(key));
	}
	return await opening;
}

/** Forgets a version whose tables turned out to be gone. */
export function forgetVersion(place: Place, version: string): void {
	open.delete(`${placeKey(place)} ${version}`);
}

async function openTables(
	place: Place,
	name: string,
	version: string,
	settings: IndexSettings,
): Promise<OpenVersion> {
	const connection = await connect(place);
	const tables = tablesOf(version);
	const schema = rowSchema(settings.dimensions);
	const [rows, keys] = await Promise.all([
		connection.openTable(tables.rows).catch((thrown: unknown) => {
			throw translate(thrown, `opening the index "${name}"`);
		}),
		KeyValueTable.open(place, tables.keys, `the manifest of the index "${name}"`),
	]);
	const keyword = (await rows.listIndices()).find(({ columns }) => columns.includes('terms'));
	return {
		version,
		rows,
		schema,
		keys,
		inTurn: createGate(1),
		maintenance: createMaintenance(rows, createTidier(place, tables.rows), {
			pending: keyword?.numUnindexedRows ?? 0,
			vectors: {
				from: MIN_INDEXED_ROWS,
				ensure: async () => {
					const entry = await (await Catalog.open(place)).get(name);
					return await ensureVectorIndex(rows, settings, toTuning(entry?.versions[version]?.tuning));
				},
			},
		}),
	};
}

/** LanceDB's own analysis is switched off: `terms` holds our terms, one space apart (see terms/). */
async function ensureKeywordIndex(rows: Table, name: string): Promise<void> {
	const exists = async (): Promise<boolean> =>
		(await rows.listIndices()).some(({ columns }) => columns.includes('terms'));
	try {
		if (await exists()) return;
		const { Index } = await loadLance();
		const config = Index.fts({
			baseTokenizer: 'whitespace',
			lowercase: false,
			stem: false,
			removeStopWords: false,
			asciiFolding: false,
			withPosition: false,
			maxTokenLength: 1_000,
		});
		await rows.createIndex('terms', { config, replace: false });
	} catch (thrown) {
		// Another process may have made it at the same moment.
		if (await exists().catch(() => false)) return;
		throw translate(thrown, `preparing keyword search in the index "${name}"`);
	}
}
