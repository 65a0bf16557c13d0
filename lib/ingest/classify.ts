import { identifyAll, type Identified } from './unpack';
import type { VectorIndex } from '../vectorIndex';
import type { ManifestRow } from './manifest';
import type { Run } from './run';
import { ahead, untilAborted } from './streams';
import type { DocumentOutcome, IngestDocument } from './types';
import { dropStale } from './settle';
import { compareWithRows, type Compared } from './tie';
import { Work } from './work';

/** Documents that share one look-up in the manifest, and the memory they may hold meanwhile. */
const LOOK_UP_COUNT = 500;
const LOOK_UP_BYTES = 16 * 1024 * 1024;

export type Classified = { readonly outcome: DocumentOutcome } | { readonly work: Work };

/** Checks each document and the files within it, and computes their hashes; what cannot be stored has its outcome already. */
export async function* identify(
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	run: Run,
): AsyncGenerator<Identified, void, undefined> {
	let position = 0;
	for await (const document of untilAborted(documents, run.signal)) {
		await run.turn();
		yield* identifyAll(document, position++, run);
	}
}

/** Looks documents up in the manifest, many at a time, and sorts out those with nothing to do. */
export async function* classify(
	documents: AsyncIterable<Identified>,
	run: Run,
): AsyncGenerator<Classified, void, undefined> {
	// The next batch is read and hashed while one is looked up.
	for await (const batch of ahead(batchesOf(documents, run))) yield* await lookUp(batch, run);
}

async function* batchesOf(
	documents: AsyncIterable<Identified>,
	run: Run,
): AsyncGenerator<Identified[], void, undefined> {
	let batch: Identified[] = [];
	let weight = 0;
	let started = performance.now();
	for await (const document of documents) {
		batch.push(document);
		weight += 'outcome' in document ? 0 : document.weight;
		if (batch.length < LOOK_UP_COUNT && weight < LOOK_UP_BYTES) continue;
		run.tally.timings.readMs += performance.now() - started;
		yield batch;
		batch = [];
		weight = 0;
		started = performance.now();
	}
	run.tally.timings.readMs += performance.now() - started;
	if (batch.length > 0) yield batch;
}

async function lookUp(batch: readonly Identified[], run: Run): Promise<Classified[]> {
	const { index } = run;
	const sources = batch.flatMap((document) => ('outcome' in document ? [] : document.source));
	const { rows, torn, foreign } = await compareWithRows(index, sources);
	const unfinished = new Map<string, ManifestRow>();
	for (const source of sources) {
		const row = rows.get(source);
		if (row?.state === 'ready' && row.stale.length > 0) unfinished.set(source, row);
	}
	// A run died between making these ready and dropping what they replace.
	if (!run.preview) await dropStale(index, unfinished);
	const company: Work[] = [];
	const found = batch.map((document): Classified => {
		if ('outcome' in document) return document;
		const row = rows.get(document.source);
		const isTorn = torn.has(document.source);
		const work = new Work(document, run.settingsHash, row, company, isTorn);
		if (row?.state === 'ready' && row.generation === work.generation && !isTorn) {
			const { source, position, warnings } = document;
			return {
				outcome: {
					...{ source, position, state: 'unchanged', chunks: row.chunks },
					...(warnings.length > 0 ? { warnings } : {}),
				},
			};
		}
		company.push(work);
		if ('load' in document.content) document.content.expect?.();
		return { work };
	});
	if (!run.preview) await dropUnknown(index, { rows, torn, foreign }, company);
	return found;
}

/**
 * Rows that the manifest knows nothing of, and generations that have more rows than they should. What other documents are
 * about to replace goes with what they replace, so that a search finds one of the two.
 */
async function dropUnknown(index: VectorIndex, compared: Compared, company: readonly Work[]): Promise<void> {
	const { rows, torn } = compared;
	const foreign = [...compared.foreign].filter(
		(each) => !company.some(({ generation }) => generation === each),
	);
	const last = company.at(-1);
	if (last) last.unknown.push(...foreign);
	const crowded = [...torn].flatMap(([source, count]) => {
		const row = rows.get(source);
		return row && count > row.chunks ? row.generation : [];
	});
	const gone = [...crowded, ...(last ? [] : foreign)];
	if (gone.length > 0) await index.delete({ filter: { generation: { in: gone } } });
}
