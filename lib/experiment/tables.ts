/**
 * The tables of experiments, in SQL that SQLite and Postgres both read. Units are kept as hashes, so that no e-mail
 * address or customer number lies in them; times are milliseconds since 1970.
 */

/** `$2, $3, …` for so many values after the first parameter. */
const list = (count: number) => Array.from({ length: count }, (_, index) => `$${index + 2}`).join(', ');

/** Counts as numbers on both: Postgres hands a bigint over as text. */
const count = (what: string) => `CAST(count(${what}) AS double precision)`;

/** Outcomes that belong to an experiment's figures: of its units, before $2, and within $3 of the assignment. */
const COUNTED = `o.at <= $2 AND o.at - u.at <= $3`;

/**
 * The statements, and in `schema` those that make the tables.
 *
 * @param prefix of the tables' names; put into the statements as it is
 */
export function experimentSql(prefix: string) {
	const PLANS = `${prefix}local_engine_experiment_plans`;
	const UNITS = `${prefix}local_engine_experiment_units`;
	const OUTCOMES = `${prefix}local_engine_experiment_outcomes`;
	const ENDINGS = `${prefix}local_engine_experiment_endings`;
	return {
		schema: [
			`CREATE TABLE IF NOT EXISTS ${PLANS} (experiment text NOT NULL, plan text NOT NULL, body text NOT NULL,
				PRIMARY KEY (experiment, plan))`,
			`CREATE TABLE IF NOT EXISTS ${UNITS} (experiment text NOT NULL, unit text NOT NULL, variant text NOT NULL,
				plan text NOT NULL, at double precision NOT NULL, PRIMARY KEY (experiment, unit))`,
			`CREATE TABLE IF NOT EXISTS ${OUTCOMES} (experiment text NOT NULL, unit text NOT NULL, metric text NOT NULL,
				event text NOT NULL, value double precision NOT NULL, at double precision NOT NULL,
				PRIMARY KEY (experiment, unit, metric, event))`,
			`CREATE TABLE IF NOT EXISTS ${ENDINGS} (experiment text NOT NULL PRIMARY KEY, at double precision NOT NULL, winner text)`,
		],
		ending: `SELECT at, winner FROM ${ENDINGS} WHERE experiment = $1`,
		variantsOf: (units: number) =>
			`SELECT unit, variant FROM ${UNITS} WHERE experiment = $1 AND unit IN (${list(units)})`,
		// The plan comes with the first unit of it; a unit that another process has just placed stays where it is.
		keepPlan: `INSERT INTO ${PLANS} (experiment, plan, body) VALUES ($1, $2, $3) ON CONFLICT (experiment, plan) DO NOTHING`,
		keepUnit: `INSERT INTO ${UNITS} (experiment, unit, variant, plan, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (experiment, unit) DO NOTHING`,
		keepOutcome: `INSERT INTO ${OUTCOMES} (experiment, unit, metric, event, value, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (experiment, unit, metric, event) DO NOTHING RETURNING metric`,
		replaceOutcome: `INSERT INTO ${OUTCOMES} (experiment, unit, metric, event, value, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (experiment, unit, metric, event) DO UPDATE SET value = excluded.value, at = excluded.at RETURNING metric`,
		plans: `SELECT plan, body FROM ${PLANS} WHERE experiment = $1`,
		assigned: `SELECT plan, variant, ${count('*')} AS n, min(at) AS first, max(at) AS last FROM ${UNITS}
			WHERE experiment = $1 GROUP BY plan, variant`,
		// A unit's outcomes are averaged first: units were drawn at random, outcomes of one unit resemble one another.
		samples: `WITH means AS (
				SELECT u.variant AS variant, o.metric AS metric, o.unit AS unit, avg(o.value) AS value
				FROM ${OUTCOMES} o JOIN ${UNITS} u ON u.experiment = o.experiment AND u.unit = o.unit
				WHERE o.experiment = $1 AND ${COUNTED} GROUP BY u.variant, o.metric, o.unit),
			totals AS (
				SELECT variant, metric, ${count('*')} AS n, avg(value) AS mean,
					min(CASE WHEN value = 0 OR value = 1 THEN 1 ELSE 0 END) AS yes_no
				FROM means GROUP BY variant, metric)
			SELECT t.variant, t.metric, t.n, t.mean, t.yes_no, sum((m.value - t.mean) * (m.value - t.mean)) AS m2
			FROM totals t JOIN means m ON m.variant = t.variant AND m.metric = t.metric
			GROUP BY t.variant, t.metric, t.n, t.mean, t.yes_no`,
		// Outcomes that count for nothing: of units never assigned, and those that came too late.
		leftOut: `SELECT ${count('CASE WHEN u.unit IS NULL THEN 1 END')} AS unassigned,
				${count(`CASE WHEN u.unit IS NOT NULL AND NOT (${COUNTED}) THEN 1 END`)} AS late
			FROM ${OUTCOMES} o LEFT JOIN ${UNITS} u ON u.experiment = o.experiment AND u.unit = o.unit WHERE o.experiment = $1`,
		end: `INSERT INTO ${ENDINGS} (experiment, at, winner) VALUES ($1, $2, $3)
			ON CONFLICT (experiment) DO UPDATE SET winner = excluded.winner`,
		known: `SELECT p.experiment AS experiment, e.at AS ended, e.winner AS winner,
				(SELECT ${count('*')} FROM ${UNITS} u WHERE u.experiment = p.experiment) AS units,
				(SELECT ${count('*')} FROM ${OUTCOMES} o WHERE o.experiment = p.experiment) AS outcomes,
				(SELECT min(u.at) FROM ${UNITS} u WHERE u.experiment = p.experiment) AS started
			FROM (SELECT DISTINCT experiment FROM ${PLANS}) p LEFT JOIN ${ENDINGS} e ON e.experiment = p.experiment
			ORDER BY p.experiment`,
		size: `SELECT (SELECT ${count('*')} FROM ${PLANS} WHERE experiment = $1) AS plans,
				(SELECT ${count('*')} FROM ${UNITS} WHERE experiment = $1) AS units,
				(SELECT ${count('*')} FROM ${OUTCOMES} WHERE experiment = $1) AS outcomes`,
		/** Tables with their columns, the key first; the plans last, so that a move that was interrupted is still found by its name. */
		tables: [
			{ table: UNITS, key: ['experiment', 'unit'], columns: ['experiment', 'unit', 'variant', 'plan', 'at'] },
			{
				table: OUTCOMES,
				key: ['experiment', 'unit', 'metric', 'event'],
				columns: ['experiment', 'unit', 'metric', 'event', 'value', 'at'],
			},
			{ table: ENDINGS, key: ['experiment'], columns: ['experiment', 'at', 'winner'] },
			{ table: PLANS, key: ['experiment', 'plan'], columns: ['experiment', 'plan', 'body'] },
		],
		remove: [PLANS, UNITS, OUTCOMES, ENDINGS].map((table) => `DELETE FROM ${table} WHERE experiment = $1`),
	} as const;
}

export type ExperimentSql = ReturnType<typeof experimentSql>;
