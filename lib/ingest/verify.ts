import { formatPercent } from '../support';
import type { Embedder } from '../embedding';
import type { StoredPoint, VectorIndex } from '../vectorIndex';
import { IngestError } from './errors';
import { scanRows } from './manifest';
import type { MigrationProbe, Verification } from './types';

/** Rows asked for as questions where the caller brings no probes; of the first rows a scan gives, every nth. */
const SAMPLE_SIZE = 50;
const SAMPLE_FROM = 5000;
const NEIGHBOURS = 10;

/**
 * Checks that a new version of an index is whole in itself and finds what is in it.
 * @throws IngestError `migration` when rows are missing or recall is below the bound
 */
export async function verifyVersion(
	next: VectorIndex,
	embedder: Embedder,
	options: { readonly probes?: readonly MigrationProbe[]; readonly minRecall: number },
): Promise<Verification> {
	// Only the migration writes to the new version; the live one goes on changing, and is compared when writers wait.
	const after = await countDocuments(next);
	const rows = await next.count({ generation: { exists: true } });
	if (rows !== after.chunks) {
		throw new IngestError(
			'migration',
			`The new version does not add up: ${rows} of ${after.chunks} rows. Nothing was switched; run the migration again.`,
		);
	}
	const recall = await annRecall(next);
	const found = options.probes ? await probeRecall(next, embedder, options.probes) : undefined;
	const verification = {
		...{ documents: after.documents, rows, annRecall: recall },
		...(found === undefined ? {} : { probeRecall: found }),
	};
	if (recall < options.minRecall || (found !== undefined && found < options.minRecall)) {
		throw new IngestError(
			'migration',
			`The new version finds too little: ${formatPercent(recall)} of the true neighbours${found === undefined ? '' : `, ${formatPercent(found)} of the probes`}, at least ${formatPercent(options.minRecall)} are asked for. Nothing was switched; choose a more accurate preset or another model.`,
		);
	}
	return verification;
}

/**
 * How many documents the live version has more than the new one; below 0 if it has fewer. To be asked while writers wait: otherwise
 * the two are not of the same moment.
 */
export async function missingDocuments(live: VectorIndex, next: VectorIndex): Promise<number> {
	return (await countDocuments(live)).documents - (await countDocuments(next)).documents;
}

async function countDocuments(index: VectorIndex): Promise<{ documents: number; chunks: number }> {
	let documents = 0;
	let chunks = 0;
	for await (const { row } of scanRows(index.manifest)) {
		if (row.state === 'removing' || (row.state !== 'ready' && !row.complete)) continue;
		documents++;
		chunks += row.state === 'ready' ? row.chunks : (row.complete?.chunks ?? 0);
	}
	return { documents, chunks };
}

/** Share of the true ten nearest rows that the index finds; 1 where it compares with every vector anyway. */
async function annRecall(index: VectorIndex): Promise<number> {
	// Without an index of the vectors both searches would compare with every one.
	if ((await index.info()).vectorIndex === 'none') return 1;
	const vectors: Float32Array[] = [];
	let scanned = 0;
	const every = Math.max(1, Math.floor(Math.min(SAMPLE_FROM, await index.count()) / SAMPLE_SIZE));
	for await (const { vector } of index.scan()) {
		if (scanned % every === 0 && vector) vectors.push(vector);
		if (++scanned >= SAMPLE_FROM || vectors.length >= SAMPLE_SIZE) break;
	}
	let found = 0;
	let expected = 0;
	for (const vector of vectors) {
		const query = { vector, mode: 'vector', limit: NEIGHBOURS } as const;
		const [approximate, exact] = await Promise.all([
			index.search(query),
			index.search({ ...query, exact: true }),
		]);
		// Equal scores make the order of equals a matter of chance: what counts is how near the found rows are.
		const bound = Math.min(...exact.map(({ score }) => score)) - 1e-6;
		found += Math.min(exact.length, approximate.filter(({ score }) => score >= bound).length);
		expected += exact.length;
	}
	return expected === 0 ? 1 : found / expected;
}

/** Share of the probes whose document is among the ten best rows. */
async function probeRecall(
	index: VectorIndex,
	embedder: Embedder,
	probes: readonly MigrationProbe[],
): Promise<number> {
	let found = 0;
	for (const { query, source } of probes) {
		const vector = await embedder.embedQuery(query);
		const hits = await index.search({ vector, text: query, mode: 'hybrid', limit: NEIGHBOURS });
		if (hits.some((hit: StoredPoint) => hit.source === source)) found++;
	}
	return probes.length === 0 ? 1 : found / probes.length;
}
