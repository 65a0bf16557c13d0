import { createSlicer, isObject, readJson, sha256, slices, shortened } from '../support';
import { openDatabase, prefixOf, type Database, type DatabaseAddress, type Row } from '../support/database';
import { assignVariant, checkVariants, type Variant } from './assign';
import { ExperimentError } from './errors';
import { moveExperiment } from './move';
import { experimentSql, type ExperimentSql } from './tables';
import type { Sample } from './samples';

/** Units that one query asks for: both back ends take far more parameters. */
const UNITS_A_QUERY = 500;
const FOREVER = Number.MAX_SAFE_INTEGER;

export interface Assignment {
	readonly variant: string;
	/** Seen for the first time. */
	readonly isNew: boolean;
	/** false: the unit began under a variant that is gone, or the experiment has ended; its outcomes say nothing of this one. */
	readonly counted: boolean;
	readonly ended: boolean;
}

export interface Outcome {
	readonly unit: string;
	readonly metric: string;
	/** A number; 1 and 0 for yes and no. */
	readonly value: number;
	/** Tells several outcomes of a unit apart (a request's id, say); one outcome a unit and metric without. */
	readonly event?: string;
	/** Milliseconds since 1970. Default: now. */
	readonly at?: number;
}

export interface Recorded {
	/** false: known already, and left as it was. */
	readonly written: boolean;
	/** The unit's variant; undefined when it was never assigned: the outcome is kept, and counts once it is. */
	readonly variant?: string;
	/** Came after the experiment ended: kept, not counted. */
	readonly late: boolean;
}

/** What is known of an experiment: everything a report needs, counted by the database. */
export interface ExperimentData {
	readonly experiment: string;
	/** Of the plan that is in use, the control first. */
	readonly variants: readonly Variant[];
	/** Times the variants or weights were changed. */
	readonly planChanges: number;
	/** Units by variant, and how many each should have by the weights at the time of each assignment. */
	readonly assigned: ReadonlyMap<string, number>;
	readonly expected: ReadonlyMap<string, number>;
	/** By variant, then metric; a unit with several outcomes counts once, with their mean. */
	readonly samples: ReadonlyMap<string, ReadonlyMap<string, Sample>>;
	/** Metrics whose units all have 0 or 1. */
	readonly yesNo: ReadonlySet<string>;
	/** Outcomes that count for nothing. */
	readonly unassigned: number;
	readonly late: number;
	/** Milliseconds since 1970. */
	readonly firstAt: number;
	readonly lastAt: number;
	readonly ended?: Ending;
}

export interface Ending {
	readonly at: number;
	readonly winner?: string;
}

export interface KnownExperiment {
	readonly experiment: string;
	readonly units: number;
	readonly outcomes: number;
	readonly startedAt: number;
	readonly ended?: Ending;
}

/** A database; in Postgres the tables of a space are its own (a file is already). */
export type ExperimentAddress = DatabaseAddress & { readonly space?: string };

/**
 * Durable home of experiments: which unit got which variant, and what came of it. Several executions and processes write
 * to it at once. Methods throw ExperimentError for bad input and DatabaseError where the database refuses.
 */
export class ExperimentStore {
	private constructor(
		private readonly database: Database,
		private readonly sql: ExperimentSql,
		private readonly now: () => number,
	) {}

	/** @throws DatabaseError `unavailable`, `folder`, `store` */
	static async open(
		address: ExperimentAddress,
		options: { readonly now?: () => number } = {},
	): Promise<ExperimentStore> {
		const sql = experimentSql(prefixOf(address.space));
		return new ExperimentStore(
			await openDatabase(address, sql.schema),
			sql,
			options.now ?? (() => Date.now()),
		);
	}

	/**
	 * The variant of each unit, in the order given: the one it had before, else by {@link assignVariant}, and remembered. After
	 * the end everybody gets the winner (the control where none was named) and nothing is written.
	 */
	async assign(
		experiment: string,
		variants: readonly Variant[],
		units: readonly string[],
	): Promise<Assignment[]> {
		checkName(experiment, 'experiment');
		checkVariants(variants);
		for (const { name } of variants) checkName(name, 'variant');
		const turn = createSlicer();
		const keys: string[] = [];
		for (const unit of units) {
			await turn();
			keys.push(keyOf(experiment, unit));
		}
		const ended = await this.#ending(experiment);
		if (ended !== undefined) {
			const variant = ended.winner ?? variants[0]?.name ?? '';
			if (!variants.some(({ name }) => name === variant))
				throw new ExperimentError(
					'notFound',
					`The experiment "${experiment}" ended with the winner "${variant}", which is not among the variants any more. Add it, or delete the experiment.`,
				);
			return units.map(() => ({ variant, isNew: false, counted: false, ended: true }));
		}
		const byHash = new Map<string, string>();
		for (const [index, key] of keys.entries()) {
			await turn();
			byHash.set(key, assignVariant(experiment, units[index] ?? '', variants));
		}
		const known = await this.#variantsOf(experiment, keys);
		const fresh = [...byHash.keys()].filter((key) => !known.has(key));
		if (fresh.length > 0) {
			await this.#remember(experiment, variants, fresh, byHash);
			// Another process may have been first; what is stored holds.
			for (const [key, variant] of await this.#variantsOf(experiment, fresh)) known.set(key, variant);
		}
		const isNew = new Set(fresh);
		return keys.map((key) => {
			const before = known.get(key);
			const counted = variants.some(({ name }) => name === before);
			const variant = (counted ? before : byHash.get(key)) ?? '';
			return { variant, isNew: isNew.delete(key), counted, ended: false };
		});
	}

	async #remember(
		experiment: string,
		variants: readonly Variant[],
		keys: readonly string[],
		byHash: ReadonlyMap<string, string>,
	): Promise<void> {
		const body = JSON.stringify(variants.map(({ name, weight = 1 }) => ({ name, weight })));
		const plan = sha256(body).slice(0, 16);
		const at = this.now();
		for (const some of slices(keys, UNITS_A_QUERY))
			await this.database.write([
				{ sql: this.sql.keepPlan, values: [experiment, plan, body] },
				...some.map((key) => ({
					sql: this.sql.keepUnit,
					values: [experiment, key, byHash.get(key) ?? '', plan, at],
				})),
			]);
	}

	async #variantsOf(experiment: string, keys: readonly string[]): Promise<Map<string, string>> {
		const found = new Map<string, string>();
		for (const some of slices(keys, UNITS_A_QUERY)) {
			for (const row of await this.database.read(this.sql.variantsOf(some.length), [experiment, ...some]))
				found.set(textOf(row, 'unit'), textOf(row, 'variant'));
		}
		return found;
	}

	/**
	 * Keeps outcomes. The same one again (experiment, unit, metric, event) changes nothing, or with `replace` takes the place
	 * of the first. Outcomes may come at any time and before their unit is assigned.
	 */
	async record(
		experiment: string,
		outcomes: readonly Outcome[],
		options: { readonly replace?: boolean } = {},
	): Promise<Recorded[]> {
		checkName(experiment, 'experiment');
		const statement = options.replace === true ? this.sql.replaceOutcome : this.sql.keepOutcome;
		const rows: Array<{ key: string; metric: string; event: string; value: number; at: number }> = [];
		const turn = createSlicer();
		for (const { unit, metric, value, event = '', at = this.now() } of outcomes) {
			await turn();
			checkName(metric, 'metric');
			if (event !== '') checkName(event, 'id of an outcome');
			if (!Number.isFinite(value))
				throw new ExperimentError(
					'invalidData',
					`The value of "${metric}" must be a finite number, got ${value}.`,
				);
			rows.push({ key: keyOf(experiment, unit), metric, event, value, at });
		}
		const ended = await this.#ending(experiment);
		const known = await this.#variantsOf(experiment, [...new Set(rows.map(({ key }) => key))]);
		const results: Recorded[] = [];
		for (const some of slices(rows, UNITS_A_QUERY)) {
			const written = await this.database.write(
				some.map(({ key, metric, event, value, at }) => ({
					sql: statement,
					values: [experiment, key, metric, event, value, at],
				})),
			);
			some.forEach(({ key, at }, index) => {
				const variant = known.get(key);
				results.push({
					written: (written[index]?.length ?? 0) > 0,
					...(variant !== undefined && { variant }),
					late: ended !== undefined && at > ended.at,
				});
			});
		}
		return results;
	}

	/**
	 * Everything a report needs. `windowMs`: outcomes count only so long after their unit's assignment.
	 * @throws ExperimentError `notFound`
	 */
	async data(experiment: string, options: { readonly windowMs?: number } = {}): Promise<ExperimentData> {
		const ended = await this.#ending(experiment);
		const plans = new Map(
			(await this.database.read(this.sql.plans, [experiment])).map((row) => [
				textOf(row, 'plan'),
				variantsIn(textOf(row, 'body')),
			]),
		);
		if (plans.size === 0) throw await this.#unknown(experiment);
		const counts = await this.database.read(this.sql.assigned, [experiment]);
		const newest = counts.reduce<Row | undefined>(
			(best, row) => (best === undefined || numberOf(row, 'last') > numberOf(best, 'last') ? row : best),
			undefined,
		);
		const variants = (newest && plans.get(textOf(newest, 'plan'))) ?? plans.values().next().value ?? [];
		const { assigned, expected } = countUnits(counts, plans);
		const bounds = [experiment, ended?.at ?? FOREVER, options.windowMs ?? FOREVER];
		const samples = new Map<string, Map<string, Sample>>();
		const yesNo = new Map<string, boolean>();
		for (const row of await this.database.read(this.sql.samples, bounds)) {
			const [variant, metric] = [textOf(row, 'variant'), textOf(row, 'metric')];
			const ofVariant = samples.get(variant) ?? new Map<string, Sample>();
			samples.set(variant, ofVariant);
			ofVariant.set(metric, { n: numberOf(row, 'n'), mean: numberOf(row, 'mean'), m2: numberOf(row, 'm2') });
			yesNo.set(metric, (yesNo.get(metric) ?? true) && numberOf(row, 'yes_no') === 1);
		}
		const [leftOut = {}] = await this.database.read(this.sql.leftOut, bounds);
		return {
			experiment,
			variants,
			planChanges: plans.size - 1,
			assigned,
			expected,
			samples,
			yesNo: new Set([...yesNo].filter(([, only]) => only).map(([metric]) => metric)),
			unassigned: numberOf(leftOut, 'unassigned'),
			late: numberOf(leftOut, 'late'),
			firstAt: Math.min(...counts.map((row) => numberOf(row, 'first'))),
			lastAt: Math.max(...counts.map((row) => numberOf(row, 'last'))),
			...(ended && { ended }),
		};
	}

	/**
	 * Ends it: later outcomes do not count, and every unit gets `winner`. Ending again changes the winner, not the time.
	 * @throws ExperimentError `notFound` for an unknown experiment or winner
	 */
	async end(experiment: string, winner?: string): Promise<Ending> {
		const { variants } = await this.data(experiment);
		if (winner !== undefined && !variants.some(({ name }) => name === winner))
			throw new ExperimentError(
				'notFound',
				`"${winner}" is no variant of the experiment "${experiment}": ${variants.map(({ name }) => name).join(', ')}.`,
			);
		await this.database.write([{ sql: this.sql.end, values: [experiment, this.now(), winner ?? null] }]);
		return (await this.#ending(experiment)) ?? { at: this.now() };
	}

	/** Takes everything about it away; the numbers of units and outcomes that went. @throws ExperimentError `notFound` */
	async delete(experiment: string): Promise<{ readonly units: number; readonly outcomes: number }> {
		const [size = {}] = await this.database.read(this.sql.size, [experiment]);
		// Outcomes may be there without a plan: recorded under a name that was never assigned.
		if (numberOf(size, 'plans') + numberOf(size, 'outcomes') === 0) throw await this.#unknown(experiment);
		await this.database.write(this.sql.remove.map((statement) => ({ sql: statement, values: [experiment] })));
		return { units: numberOf(size, 'units'), outcomes: numberOf(size, 'outcomes') };
	}

	/**
	 * Moves everything about it into another store; run again after an interruption, it goes on.
	 *
	 * @throws ExperimentError `notFound`; `invalidOptions` when the other store has another experiment of that name
	 */
	async moveTo(
		target: ExperimentStore,
		experiment: string,
	): Promise<{ readonly units: number; readonly outcomes: number }> {
		const [size = {}] = await this.database.read(this.sql.size, [experiment]);
		if (numberOf(size, 'plans') + numberOf(size, 'outcomes') === 0) throw await this.#unknown(experiment);
		const tablesOf = ({ database, sql }: ExperimentStore) => ({ database, sql });
		const plansIn = async ({ database, sql }: ExperimentStore) =>
			new Set((await database.read(sql.plans, [experiment])).map((row) => textOf(row, 'plan')));
		const own = await plansIn(this);
		if ([...(await plansIn(target))].some((plan) => !own.has(plan)))
			throw new ExperimentError(
				'invalidOptions',
				`Another experiment named "${shortened(experiment, 100)}" is there already, so nothing was moved. Delete one of the two.`,
			);
		await moveExperiment(tablesOf(this), tablesOf(target), experiment);
		return { units: numberOf(size, 'units'), outcomes: numberOf(size, 'outcomes') };
	}

	async list(): Promise<KnownExperiment[]> {
		return (await this.database.read(this.sql.known)).map((row) => {
			const ended = endingOf(row, 'ended');
			return {
				experiment: textOf(row, 'experiment'),
				units: numberOf(row, 'units'),
				outcomes: numberOf(row, 'outcomes'),
				startedAt: numberOf(row, 'started'),
				...(ended && { ended }),
			};
		});
	}

	async close(): Promise<void> {
		await this.database.close();
	}

	async #ending(experiment: string): Promise<Ending | undefined> {
		const [row] = await this.database.read(this.sql.ending, [experiment]);
		return row && endingOf(row, 'at');
	}

	async #unknown(experiment: string): Promise<ExperimentError> {
		const names = (await this.list()).slice(0, 10).map((known) => `"${known.experiment}"`);
		const known =
			names.length === 0 ? 'There is none yet: assign a unit first.' : `Known: ${names.join(', ')}.`;
		return new ExperimentError('notFound', `There is no experiment "${experiment}". ${known}`);
	}
}

function countUnits(counts: readonly Row[], plans: ReadonlyMap<string, readonly Variant[]>) {
	const assigned = new Map<string, number>();
	const expected = new Map<string, number>();
	const add = (to: Map<string, number>, name: string, n: number) => to.set(name, (to.get(name) ?? 0) + n);
	for (const row of counts) {
		const n = numberOf(row, 'n');
		add(assigned, textOf(row, 'variant'), n);
		const variants = plans.get(textOf(row, 'plan')) ?? [];
		const total = variants.reduce((sum, { weight = 1 }) => sum + weight, 0);
		for (const { name, weight = 1 } of variants) add(expected, name, (n * weight) / total);
	}
	return { assigned, expected };
}

/** Names become keys of rows and headings of reports: short, printable, as given. */
function checkName(name: string, what: string): void {
	if (name.trim() === '' || name.length > 200 || /\p{Cc}/u.test(name))
		throw new ExperimentError(
			'invalidOptions',
			`The ${what} needs a name of 1 to 200 characters without control characters, got "${shortened(name, 40)}".`,
		);
}

function keyOf(experiment: string, unit: string): string {
	if (unit.trim() === '')
		throw new ExperimentError('invalidData', 'The unit is empty: name who or what gets the variant.');
	return sha256(experiment, unit).slice(0, 32);
}

function variantsIn(body: string): Variant[] {
	const parsed = readJson(body);
	return Array.isArray(parsed) ? parsed.filter(isVariant) : [];
}

const isVariant = (value: unknown): value is Variant => isObject(value) && typeof value.name === 'string';

const textOf = (row: Row, column: string): string => {
	const value = row[column];
	return typeof value === 'string' ? value : '';
};
const numberOf = (row: Row, column: string): number => Number(row[column] ?? 0);

function endingOf(row: Row, column: string): Ending | undefined {
	if (typeof row[column] !== 'number') return undefined;
	const winner = textOf(row, 'winner');
	return { at: row[column], ...(winner !== '' && { winner }) };
}
