import { createSlicer, slices } from '../../support';
import type { Candidate, StageOptions } from '../backend';
import { isEverything } from '../filter/parse';
import type { QueryTerm } from '../terms';
import { type FullTextQuery, loadLance, type Table } from './lance';
import { fromArrow, numberAt } from './rows';
import { idsIn, quote, toSql } from './sql';

/** BM25 as LanceDB has it, so that scores do not jump when rows become part of the index (Robertson and Zaragoza 2009). */
const BM25 = { k1: 1.2, b: 0.75 };
/**
 * LanceDB (0.31) answers wrongly while no row is in the index (it cuts off in storage order) and while few are (statistics
 * of those few): recall 0.27 for none of 2,400 rows, 0.79–0.97 for up to 1,000 of 10,000; 1.0 for half of 4,800 and for
 * nine tenths of 100,000. Smaller tables, or less of a table, are therefore scored here: 20,000 rows take some 50 ms, less
 * than LanceDB needs for as many rows outside the index.
 */
const TRUSTED = { rows: 20_000, share: 0.5 };
/**
 * Its statistics also count rows that are gone, for some until the index is merged the time after next. In a table of so many
 * rows a few of them shift the scores; scoring it here takes some 10 ms.
 */
const SMALL = 5_000;
const IDS_AT_ONCE = 500;
/** A search whose table changed meanwhile is judged by what it was: after so many rounds the last answer counts. */
const ROUNDS = 3;

interface Coverage {
	readonly version: number;
	readonly indexed: number;
	readonly unindexed: number;
}

const coverages = new WeakMap<Table, Coverage>();

/** How much of a table its keyword index knows. */
export async function keywordCoverage(rows: Table): Promise<Coverage> {
	const version = await rows.version();
	const known = coverages.get(rows);
	if (known?.version === version) return known;
	const index = (await rows.listIndices()).find(({ columns }) => columns.includes('terms'));
	const statistics = index && (await rows.indexStats(index.name));
	const coverage = statistics
		? { version, indexed: statistics.numIndexedRows, unindexed: statistics.numUnindexedRows }
		: { version, indexed: 0, unindexed: await rows.countRows() };
	coverages.set(rows, coverage);
	return coverage;
}

function isTrusted({ indexed, unindexed }: Coverage): boolean {
	const total = indexed + unindexed;
	if (total <= SMALL) return false;
	return unindexed === 0 || (total > TRUSTED.rows && indexed >= total * TRUSTED.share);
}

/** The rows that hold one of the terms, best first by BM25, right at any moment of the index. */
export async function matching(
	rows: Table,
	terms: readonly QueryTerm[],
	columns: readonly string[],
	options: StageOptions,
): Promise<Candidate[]> {
	for (let round = 1; ; round++) {
		if (!isTrusted(await keywordCoverage(rows))) return await scoreAll(rows, terms, columns, options);
		const found = await searchIndex(rows, terms, columns, options);
		if (round === ROUNDS || isTrusted(await keywordCoverage(rows))) return found;
	}
}

async function searchIndex(
	rows: Table,
	terms: readonly QueryTerm[],
	columns: readonly string[],
	{ limit, filter }: StageOptions,
): Promise<Candidate[]> {
	const query = rows
		.query()
		.fullTextSearch(await weighted(terms))
		.select([...columns, '_score'])
		.limit(limit);
	if (!isEverything(filter)) query.where(toSql(filter));
	const found: Candidate[] = [];
	for await (const batch of query) {
		let row = 0;
		for (const point of fromArrow(batch)) {
			const score = numberAt(batch, '_score', row++);
			if (score !== undefined) found.push({ id: point.id, score, point });
		}
	}
	return found;
}

/** A row's score is the sum over its terms, each of which counts as much as its weight. */
async function weighted(terms: readonly QueryTerm[]): Promise<FullTextQuery> {
	const { BooleanQuery, MatchQuery, Occur } = await loadLance();
	const queries = [...Map.groupBy(terms, ({ weight }) => weight)].map(
		([boost, group]) => new MatchQuery(group.map(({ term }) => term).join(' '), 'terms', { boost }),
	);
	const [only] = queries;
	return only && queries.length === 1
		? only
		: new BooleanQuery(queries.map((query) => [Occur.Should, query]));
}

/** Counts the terms of every row and scores those that hold one of the question's. */
async function scoreAll(
	rows: Table,
	terms: readonly QueryTerm[],
	columns: readonly string[],
	{ limit, filter }: StageOptions,
): Promise<Candidate[]> {
	const counted = await countTerms(rows, terms);
	const allowed = isEverything(filter)
		? undefined
		: await idsOf(rows, `${toSql(filter)} AND ${holds(terms)}`);
	const best = [...scoresOf(counted, terms)]
		.filter(([id]) => allowed?.has(id) ?? true)
		.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
		.slice(0, limit);
	const scores = new Map(best);
	const found: Candidate[] = [];
	for (const ids of slices([...scores.keys()], IDS_AT_ONCE)) {
		for await (const batch of rows
			.query()
			.select([...columns])
			.where(idsIn(ids))) {
			for (const point of fromArrow(batch)) {
				found.push({ id: point.id, score: scores.get(point.id) ?? 0, point });
			}
		}
	}
	return found.sort((a, b) => b.score - a.score);
}

interface Counted {
	readonly rows: number;
	/** Terms of all rows together. */
	readonly length: number;
	/** Rows that hold each of the question's terms. */
	readonly frequencies: ReadonlyMap<string, number>;
	/** Of the rows that hold one: how often they hold which, and how many terms they have. */
	readonly holders: ReadonlyArray<{
		readonly id: string;
		readonly length: number;
		readonly counts: ReadonlyMap<string, number>;
	}>;
}

async function countTerms(rows: Table, terms: readonly QueryTerm[]): Promise<Counted> {
	const wanted = new Set(terms.map(({ term }) => term));
	const frequencies = new Map<string, number>();
	const holders: Array<Counted['holders'][number]> = [];
	const turn = createSlicer();
	for await (const batch of rows.query().select(['id', 'terms']).where(holds(terms))) {
		const [ids, lines] = [batch.getChild('id'), batch.getChild('terms')];
		for (let row = 0; row < batch.numRows; row++) {
			const all = String(lines?.get(row)).split(' ');
			const counts = new Map<string, number>();
			for (const term of all) if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
			for (const term of counts.keys()) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
			holders.push({ id: String(ids?.get(row)), length: all.length, counts });
			await turn();
		}
	}
	return { ...(await measure(rows)), frequencies, holders };
}

/** The number of rows, and of all their terms, which are one space apart. */
async function measure(rows: Table): Promise<{ readonly rows: number; readonly length: number }> {
	const turn = createSlicer();
	let count = 0;
	let length = 0;
	const query = rows.query().select({
		gaps: "length(terms) - length(replace(terms, ' ', ''))",
		characters: 'length(terms)',
	});
	for await (const batch of query) {
		const [gaps, characters] = [batch.getChild('gaps'), batch.getChild('characters')];
		for (let row = 0; row < batch.numRows; row++) {
			if (Number(characters?.get(row)) > 0) length += Number(gaps?.get(row)) + 1;
			count++;
			await turn();
		}
	}
	return { rows: count, length };
}

function scoresOf(
	{ rows, length, frequencies, holders }: Counted,
	terms: readonly QueryTerm[],
): Map<string, number> {
	const { k1, b } = BM25;
	const mean = length / Math.max(1, rows);
	const weights = new Map(
		terms.map(({ term, weight }) => {
			const n = frequencies.get(term) ?? 0;
			return [term, weight * Math.log(1 + (rows - n + 0.5) / (n + 0.5))];
		}),
	);
	return new Map(
		holders.map(({ id, length: own, counts }) => {
			let score = 0;
			for (const [term, count] of counts) {
				const share = (count * (k1 + 1)) / (count + k1 * (1 - b + (b * own) / mean));
				score += (weights.get(term) ?? 0) * share;
			}
			return [id, score];
		}),
	);
}

async function idsOf(rows: Table, where: string): Promise<Set<string>> {
	const found = new Set<string>();
	for await (const batch of rows.query().select(['id']).where(where)) {
		const ids = batch.getChild('id');
		for (let row = 0; row < batch.numRows; row++) found.add(String(ids?.get(row)));
	}
	return found;
}

/** SQL that is true for rows that hold one of the terms. */
function holds(terms: readonly QueryTerm[]): string {
	const any = terms.map(({ term }) => term.replace(/[+#]/g, '\\$&')).join('|');
	return `regexp_like(terms, ${quote(`(?:^| )(?:${any})(?: |$)`)})`;
}
