import { textToEmbed } from '../chunking';
import { keyOfText } from '../support';
import { IngestError } from './errors';
import type { Group, GroupPiece } from './groups';
import type { Run } from './run';

/** Fills in the vectors of each group. Where embedding fails, the group's documents are marked to be written alone. */
export async function* embedGroups(
	groups: AsyncIterable<Group>,
	run: Run,
): AsyncGenerator<Group, void, undefined> {
	for await (const group of groups) {
		await recallVectors(group, run);
		const pieces = group.pieces.filter(({ work }) => work.usable);
		try {
			await embedPieces(pieces, run);
		} catch (error) {
			run.signal.throwIfAborted();
			if (error instanceof IngestError) throw error;
			// One text may be at fault, or the engine: writing each document by itself tells them apart.
			for (const { work } of pieces) work.alone = true;
		}
		yield group;
	}
}

/** Embeds the pieces' texts, each different one once, unless the vector is known already or all that is left is put off. */
export async function embedPieces(pieces: readonly GroupPiece[], run: Run): Promise<void> {
	const waiting = new Map<string, GroupPiece[]>();
	for (const entry of pieces) {
		const pause = run.turn();
		if (pause) await pause;
		const key = keyOfText(entry.piece.embedText);
		const known = run.vectors.get(key);
		if (known !== undefined) {
			place(entry, known, run);
			continue;
		}
		const others = waiting.get(key);
		if (others) others.push(entry);
		else waiting.set(key, [entry]);
	}
	if (waiting.size === 0) return;
	if (run.deferral.defers([...waiting].map(([, [first]]) => first?.piece.embedText.length ?? 0))) {
		for (const entry of [...waiting.values()].flat()) {
			entry.vector = 'pending';
			entry.work.pendingVectors++;
		}
		return;
	}
	const started = performance.now();
	const queue = [...waiting];
	const texts = queue.map(([, [first]]) => first?.piece.embedText ?? '');
	let position = 0;
	for await (const embedded of run.embedder.embedDocuments(texts, { signal: run.signal })) {
		const [key, entries] = queue[position++] ?? [];
		if (key === undefined || entries === undefined) break;
		const vector = embedded.empty === true ? null : embedded.vector;
		run.vectors.set(key, vector);
		for (const entry of entries) {
			place(entry, vector, run);
			if (embedded.flag !== undefined) warnOfLength(entry, embedded.flag);
		}
		run.progress.chunkDone();
		run.tally.tokens += embedded.tokens ?? 0;
	}
	run.tally.timings.embedMs += performance.now() - started;
	if (position !== queue.length) {
		throw new Error(`The embedder answered ${position} of ${queue.length} texts`);
	}
	run.tally.embedded += queue.length;
}

function place(entry: GroupPiece, vector: Float32Array | null, { progress }: Run): void {
	entry.vector = vector;
	const { work, piece } = entry;
	progress.reached(work.source, piece.chunk.end / work.text.text.length);
}

/**
 * A document that changed a little has most of its vectors in the index: they are read back, so that only what is new
 * is embedded. Pointless when the chunks are cut differently now.
 */
async function recallVectors(group: Group, run: Run): Promise<void> {
	const sources = group.opened
		.filter(({ previous, usable }) => usable && previous?.settingsHash === run.settingsHash)
		.map(({ source }) => source);
	if (sources.length === 0) return;
	const filter = { source: { in: sources } };
	for await (const { text, context, vector } of run.index.scan(filter, { signal: run.signal })) {
		// An absent vector may mean a text without known words or a row from elsewhere: embed it again.
		if (vector) run.vectors.set(keyOfText(textToEmbed(text, context)), vector);
	}
}

function warnOfLength({ work }: GroupPiece, flag: 'truncated' | 'averaged'): void {
	const warning =
		flag === 'truncated'
			? 'Some chunks are longer than the embedding model reads: only their beginning was embedded. Use smaller chunks.'
			: 'Some chunks are longer than the embedding model reads: their vectors are the mean of several pieces.';
	work.warn(warning);
}
