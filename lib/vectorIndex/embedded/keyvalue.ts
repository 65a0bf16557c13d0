import { Field, Schema, Table as ArrowTable, Utf8, vectorFromArray } from 'apache-arrow';
import { readJson, slices, type JsonValue } from '../../support';
import { createGate } from './gate';
import { IndexError } from '../errors';
import type { ManifestStore } from '../types';
import { connect, retryConflicts, translate, type Connection, type Table } from './lance';
import type { Place } from './place';
import { createMaintenance, type Maintenance } from './maintenance';
import { createTidier } from './tidying/tidy';
import { PRIMARY_KEY } from './schema';
import { quote } from './sql';

const schema = new Schema([
	new Field('key', new Utf8(), false, PRIMARY_KEY),
	new Field('value', new Utf8(), false),
]);
/** Keys of one query or delete: bounds the length of the expression. */
const KEYS_AT_ONCE = 500;
const UPDATE_ROUNDS = 10;

/** A durable table of JSON values by key, on the same storage as the rows; safe for several processes at once. */
export class KeyValueTable implements ManifestStore {
	private readonly maintenance: Maintenance;
	/** Two commits of one process at once would refuse each other for nothing. */
	private readonly oneAtATime = createGate(1);

	private constructor(
		private readonly table: Table,
		private readonly what: string,
		tidy: (rows: number) => Promise<void>,
	) {
		this.maintenance = createMaintenance(table, tidy);
	}

	/** Opens the table. `what` names it in error messages. */
	static async open(place: Place, table: string, what: string): Promise<KeyValueTable> {
		try {
			const opened = await (await connect(place)).openTable(table);
			return new KeyValueTable(opened, what, createTidier(place, table));
		} catch (thrown) {
			throw translate(thrown, `opening ${what}`);
		}
	}

	/** Changes with every write of any process; asking is some twenty times as fast as reading a row. */
	async revision(): Promise<number> {
		try {
			return await this.table.version();
		} catch (thrown) {
			throw translate(thrown, `reading ${this.what}`);
		}
	}

	async get(keys: readonly string[]): Promise<Map<string, JsonValue>> {
		const found = new Map<string, JsonValue>();
		for (const some of slices(keys, KEYS_AT_ONCE)) {
			const rows = this.rows(`key IN (${some.map(quote).join(', ')})`);
			for await (const [key, value] of rows) found.set(key, value);
		}
		return found;
	}

	async put(rows: ReadonlyMap<string, JsonValue>): Promise<void> {
		if (rows.size === 0) return;
		const merge = this.table.mergeInsert('key').whenMatchedUpdateAll().whenNotMatchedInsertAll();
		const table = toArrow(rows);
		await this.oneAtATime(() => retryConflicts(`writing ${this.what}`, () => merge.execute(table)));
		this.maintenance.wrote(0);
		await this.maintenance.settle();
	}

	/** Writes the row unless its key is taken. Resolves to whether it was written. */
	async putIfAbsent(key: string, value: JsonValue): Promise<boolean> {
		const result = await retryConflicts(`writing ${this.what}`, () =>
			this.table
				.mergeInsert('key')
				.whenNotMatchedInsertAll()
				.execute(toArrow(new Map([[key, value]]))),
		);
		this.maintenance.wrote(0);
		await this.maintenance.settle();
		return result.numInsertedRows > 0;
	}

	/**
	 * Replaces one value by what `change` makes of it, as if nobody else wrote meanwhile: it is written only if the
	 * stored value is still the one that was read, otherwise all begins again. Throws `conflict` after some rounds.
	 */
	async update(key: string, change: (value: JsonValue | undefined) => JsonValue | undefined): Promise<void> {
		for (let round = 0; round < UPDATE_ROUNDS; round++) {
			const before = (await this.get([key])).get(key);
			const after = change(before);
			if (after === undefined) return;
			if (before === undefined) {
				if (await this.putIfAbsent(key, after)) return;
				continue;
			}
			const where = `target.value = ${quote(JSON.stringify(before))}`;
			const result = await retryConflicts(`writing ${this.what}`, () =>
				this.table
					.mergeInsert('key')
					.whenMatchedUpdateAll({ where })
					.execute(toArrow(new Map([[key, after]]))),
			);
			if (result.numUpdatedRows > 0) return;
		}
		throw new IndexError(
			'conflict',
			`Writing ${this.what} failed: others kept changing the same entry. Run it again.`,
		);
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (const some of slices(keys, KEYS_AT_ONCE)) {
			await retryConflicts(`writing ${this.what}`, () =>
				this.table.delete(`key IN (${some.map(quote).join(', ')})`),
			);
			this.maintenance.wrote(0);
			await this.maintenance.settle();
		}
	}

	async *scan(prefix = ''): AsyncGenerator<readonly [key: string, value: JsonValue]> {
		yield* this.rows(prefix === '' ? undefined : `starts_with(key, ${quote(prefix)})`);
	}

	private async *rows(where: string | undefined): AsyncGenerator<readonly [string, JsonValue]> {
		const query = this.table.query().select(['key', 'value']);
		if (where !== undefined) query.where(where);
		try {
			for await (const batch of query) {
				const keys = batch.getChild('key');
				const values = batch.getChild('value');
				for (let row = 0; row < batch.numRows; row++) {
					yield [String(keys?.get(row)), readJson(String(values?.get(row)))];
				}
			}
		} catch (thrown) {
			throw translate(thrown, `reading ${this.what}`);
		}
	}
}

/** Makes a table of keys and values, unless it is there. */
export async function makeKeyValueTable(place: Place, table: string, what: string): Promise<void> {
	await openOrCreate(await connect(place), table, schema, what);
}

/** Opens a table or creates it empty; when two processes create it at once, both end up with the same one. */
export async function openOrCreate(
	connection: Connection,
	name: string,
	tableSchema: Schema,
	what: string,
): Promise<Table> {
	try {
		return await connection.openTable(name);
	} catch (thrown) {
		if (translate(thrown, '').kind !== 'notFound') throw translate(thrown, `opening ${what}`);
	}
	try {
		return await connection.createEmptyTable(name, tableSchema, { mode: 'create', existOk: true });
	} catch (thrown) {
		// The loser of a race between two processes finds the winner's table.
		return await connection.openTable(name).catch(() => {
			throw translate(thrown, `creating ${what}`);
		});
	}
}

function toArrow(rows: ReadonlyMap<string, JsonValue>): ArrowTable {
	const keys = vectorFromArray([...rows.keys()], new Utf8());
	const values = vectorFromArray(
		[...rows.values()].map((value) => JSON.stringify(value)),
		new Utf8(),
	);
	return new ArrowTable(schema, { key: keys, value: values });
}
