import { type JsonValue, seededRandom, stableJson } from '../../../lib/support';
import { builtinEmbedder } from '../../../lib/embedding';
import { createIndex, type VectorIndex } from '../../../lib/vectorIndex';
import type { IngestDocument, SyncOptions } from '../../../lib/ingest';

const words =
	'harbour storm ledger engine valve pressure report summer honey comb winter invoice claim patient dose river bridge cable voltage error timeout retry server client token vector chunk index query answer'.split(
		' ',
	);

function markdownOf(seed: number, sections: number): string {
	const random = seededRandom(seed);
	const word = (): string => words[Math.floor(random() * words.length)] ?? '';
	const sentence = (): string => `${Array.from({ length: 8 + Math.floor(random() * 8) }, word).join(' ')}.`;
	return Array.from(
		{ length: sections },
		(_, at) => `## ${word()} ${at}\n\n${sentence()} ${sentence()} ${sentence()}\n`,
	).join('\n');
}

/**
 * Version 1: 120 documents, one of them longer than a group. Version 2: a third of them changed, some gone, some new,
 * one with new metadata only.
 */
export function* corpusOf(version: number): Generator<IngestDocument> {
	for (let at = 0; at < 120; at++) {
		if (version === 2 && at % 10 === 9) continue;
		const changed = version === 2 && at % 3 === 0;
		const sections = at === 60 ? 2500 : 5 + (at % 40);
		yield {
			source: `folder/${at}.md`,
			text: markdownOf(changed ? 1000 + at : at, sections),
			metadata: { number: at, ...(version === 2 && at === 61 ? { reviewed: true } : {}) },
		};
	}
	if (version === 2)
		for (let at = 200; at < 220; at++) yield { source: `folder/${at}.md`, text: markdownOf(at, 20) };
}

export async function openTestIndex(directory: string): Promise<VectorIndex> {
	const { model, dimensions, id } = await builtinEmbedder().fingerprint();
	return createIndex(
		{ backend: 'embedded', directory, name: 'corpus' },
		{ model, dimensions, fingerprint: id },
		{ ifExists: 'open' },
	);
}

export async function syncOptions(index: VectorIndex): Promise<SyncOptions> {
	return { index, embedder: builtinEmbedder(), chunking: { method: 'markdown', size: 250 }, mode: 'mirror' };
}

/** Everything readers can see, a row a line by id, and the manifest without the ids and times of runs. */
export async function contentOf(
	index: VectorIndex,
): Promise<{ rows: Map<string, string>; copies: number; manifest: Map<string, JsonValue> }> {
	const rows = new Map<string, string>();
	let scanned = 0;
	for await (const { vector, pendingSince, ...row } of index.scan()) {
		const bits =
			vector && Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
		// Since when it waits differs from run to run, that it does must not.
		rows.set(row.id, JSON.stringify([row, bits, pendingSince !== undefined]));
		scanned++;
	}
	const manifest = new Map<string, JsonValue>();
	for await (const [key, value] of index.manifest.scan()) {
		manifest.set(
			key,
			typeof value === 'object' && value !== null && 'run' in value
				? { ...value, run: '', ...('storedAt' in value ? { storedAt: '' } : {}) }
				: value,
		);
	}
	return { rows, copies: scanned - rows.size, manifest };
}

/** Names what differs between two contents, so that a failure fits on a screen. */
export function differencesOf(
	one: Awaited<ReturnType<typeof contentOf>>,
	other: Awaited<ReturnType<typeof contentOf>>,
): string[] {
	const differences: string[] = [];
	if (one.copies !== other.copies) differences.push(`${one.copies} and ${other.copies} rows twice`);
	for (const part of ['rows', 'manifest'] as const) {
		const [left, right]: ReadonlyArray<ReadonlyMap<string, JsonValue>> = [one[part], other[part]];
		if (!left || !right) continue;
		for (const key of new Set([...left.keys(), ...right.keys()])) {
			const [a, b] = [left.get(key), right.get(key)].map((value) => stableJson(value));
			if (a !== b) differences.push(`${part} ${key}: ${a?.slice(0, 300)} and ${b?.slice(0, 300)}`);
		}
	}
	return differences.slice(0, 20);
}
