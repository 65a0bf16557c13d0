import type * as Ingest from '../../../lib/ingest';
import type * as Index from '../../../lib/vectorIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

/** One process's view: its modules and the index that everything is about. */
export interface Process {
	readonly index: typeof Index;
	readonly ingest: typeof Ingest;
	readonly address: Index.IndexAddress;
}

export interface Operation {
	readonly name: string;
	/** What was there before. Not interrupted. */
	readonly prepare: (process: Process) => Promise<unknown>;
	readonly run: (process: Process) => Promise<unknown>;
	/** Kinds of errors that say, when it is run again, that the interrupted run had finished. */
	readonly done?: readonly Index.IndexErrorKind[];
}

export const embedder = new WordEmbedder();
const newEmbedder = new WordEmbedder('letters of another model', 6);
const chunking = { method: 'recursive', size: 40 } as const;

const documents = (version: 1 | 2): Ingest.IngestDocument[] =>
	Array.from({ length: version === 1 ? 6 : 5 }, (_, at) => ({
		source: `manual-${at}.md`,
		text: [1, 2]
			.map(
				(part) => `Valve ${at} part ${part} ${version === 2 && at % 2 === 0 ? 'closes' : 'opens'} at noon.`,
			)
			.join('\n\n'),
		metadata: { number: at },
	}));

export async function settings(): Promise<Index.IndexSettings> {
	const { model, dimensions, id } = await embedder.fingerprint();
	return { model, dimensions, fingerprint: id };
}

const open = async ({ index, address }: Process): Promise<Index.VectorIndex> =>
	await index.createIndex(address, await settings(), { ifExists: 'open' });

async function store(process: Process, version: 1 | 2, mode: 'add' | 'mirror'): Promise<void> {
	const options = { index: await open(process), embedder, chunking, mode };
	const report = await process.ingest.syncAll(documents(version), options);
	if (report.failures > 0) throw new Error(report.failed[0]?.reason);
}

/** Stores the documents as a sync does whose vectors would take too long. */
async function storeFirst(process: Process): Promise<void> {
	const slow = Object.assign(new WordEmbedder(), { estimateMs: () => 3_600_000 });
	const options = { index: await open(process), chunking, mode: 'add', waitForVectorsMs: 1 } as const;
	const report = await process.ingest.syncAll(documents(1), { ...options, embedder: slow });
	if (report.failures > 0 || report.pendingVectors !== report.chunks)
		throw new Error(report.failed[0]?.reason ?? `${report.pendingVectors} of ${report.chunks} wait`);
}

const first = async (process: Process): Promise<void> => await store(process, 1, 'add');
const nothing = async (): Promise<void> => undefined;

/** A row of its own, that belongs to no document. */
const note = (text: string): Index.Point => ({
	id: `note-${text}`,
	source: 'notes',
	text,
	vector: Float32Array.from({ length: embedder.dimensions }, (_, i) => (text.length % (i + 2)) + 1),
});

/** Those that were taken, by the version of the documents in them. */
export const snapshots = new Map<1 | 2, Buffer>();

/** A snapshot of an index that holds the documents of a version. */
async function snapshotOf(process: Process, version: 1 | 2): Promise<Buffer> {
	const known = snapshots.get(version);
	if (known) return known;
	const other = { ...process, address: { ...process.address, name: `${process.address.name}-other` } };
	await store(other, version, 'mirror');
	const opened = await open(other);
	const parts: Uint8Array[] = [];
	for await (const part of process.index.snapshotIndex(opened)) parts.push(part);
	await process.index.dropIndex(other.address, other.address.name);
	const bytes = Buffer.concat(parts);
	snapshots.set(version, bytes);
	return bytes;
}

async function restore(process: Process, version: 1 | 2, replace: boolean): Promise<void> {
	const bytes = await snapshotOf(process, version);
	await process.index.restoreIndex(process.address, [bytes], { replace });
}

const migrate = async ({ ingest, address }: Process): Promise<unknown> =>
	await ingest.migrate(address, { embedder: newEmbedder, minRecall: 0 });

/** Where an index comes from that is moved to the address. */
const awayFrom = (address: Index.IndexAddress): Index.IndexAddress => ({
	...address,
	name: `${address.name}-away`,
});

/** The version that is not live. */
async function otherVersion({ index, address }: Process): Promise<string> {
	const found = (await index.listVersions(address)).find(({ live }) => !live);
	return found?.version ?? 'none';
}

/** Every operation that writes; a test holds the list against what the modules export. */
export const OPERATIONS: readonly Operation[] = [
	{ name: 'createIndex', prepare: nothing, run: open },
	{
		name: 'createIndex over the rest of a drop',
		prepare: async (process) => {
			await first(process);
			await process.index.dropIndex(process.address, process.address.name);
		},
		run: open,
	},
	{
		name: 'dropIndex',
		prepare: first,
		run: async ({ index, address }) => await index.dropIndex(address, address.name),
		done: ['notFound'],
	},
	{
		name: 'dropIndex of a version',
		prepare: async (process) => {
			await first(process);
			await migrate(process);
		},
		run: async (process) =>
			await process.index.dropIndex(
				{ ...process.address, version: await otherVersion(process) },
				process.address.name,
			),
		done: ['notFound'],
	},
	{
		name: 'createVersion and switchVersion',
		prepare: first,
		run: async (process) => {
			const { index, address } = process;
			const next = { ...(await settings()), notes: { next: true } };
			const find = async (): Promise<string | undefined> =>
				(await index.listVersions(address)).find((each) => each.settings.notes?.next && !each.partial)
					?.version;
			if ((await find()) === undefined) await index.createVersion(address, next);
			const version = (await find()) ?? '';
			await index.switchVersion({ ...address, version });
		},
	},
	{
		name: 'restoreIndex',
		prepare: async (process) => await snapshotOf(process, 1),
		run: async (process) => await restore(process, 1, false),
		done: ['alreadyExists'],
	},
	{
		name: 'restoreIndex in place of another',
		prepare: async (process) => {
			await first(process);
			await snapshotOf(process, 2);
		},
		run: async (process) => {
			// Run again after it was done it would only put the same in its own place.
			const opened = await process.index.openIndex(process.address);
			if ((await opened.count({ source: 'manual-5.md' })) === 0) return;
			await restore(process, 2, true);
		},
	},
	{
		name: 'moveIndex',
		prepare: async (process) => {
			const away = { ...process, address: awayFrom(process.address) };
			await first(away);
		},
		run: async ({ index, address }) => {
			const away = awayFrom(address);
			try {
				await index.moveIndex(away, address);
			} catch (thrown) {
				// Moved, but for the rest of the drop: that is finished as any other is.
				if (!(await index.listIndexes(away)).includes(away.name)) await index.dropIndex(away, away.name);
				throw thrown;
			}
		},
		done: ['notFound'],
	},
	{
		name: 'upsert',
		prepare: first,
		run: async (process) =>
			await process.ingest.upsertRows(await open(process), [note('one'), note('two'), note('three')]),
	},
	{
		name: 'delete',
		prepare: async (process) => {
			await first(process);
			await (await open(process)).upsert([note('one'), note('two')]);
		},
		run: async (process) => await (await open(process)).delete({ filter: { source: 'notes' } }),
	},
	{
		name: 'deletePoints',
		prepare: first,
		run: async (process) => await process.ingest.deletePoints(await open(process), { filter: { number: 1 } }),
	},
	{
		name: 'deleteDocuments',
		prepare: first,
		run: async (process) =>
			await process.ingest.deleteDocuments(await open(process), ['manual-1.md', 'manual-2.md']),
	},
	{
		name: 'tune',
		prepare: first,
		run: async (process) => await (await open(process)).tune({ targetRecall: 0.9, sample: 20 }),
	},
	{
		name: 'manifest.put and manifest.delete',
		prepare: first,
		run: async (process) => {
			const { manifest } = await open(process);
			await manifest.put(
				new Map([
					['note', 1],
					['gone', 2],
				]),
			);
			await manifest.delete(['gone']);
		},
	},
	{
		name: 'assertIndexSpace',
		prepare: open,
		run: async (process) =>
			await process.ingest.assertIndexSpace(await open(process), embedder, {}, { chunking }),
	},
	{ name: 'sync', prepare: nothing, run: first },
	{
		name: 'sync of changed documents',
		prepare: first,
		run: async (process) => await store(process, 2, 'add'),
	},
	{ name: 'sync as a mirror', prepare: first, run: async (process) => await store(process, 2, 'mirror') },
	{
		name: 'sync that stores before the vectors',
		prepare: nothing,
		run: async (process) => await storeFirst(process),
	},
	{
		name: 'finishVectors',
		prepare: async (process) => {
			await storeFirst(process);
			await process.ingest.deleteDocuments(await open(process), ['manual-3.md']);
		},
		run: async (process) => await process.ingest.finishVectors(await open(process), embedder),
	},
	{
		name: 'migrate before the vectors are complete',
		prepare: storeFirst,
		run: migrate,
	},
	{ name: 'migrate', prepare: first, run: migrate },
	{
		name: 'transfer',
		prepare: async (process) => await first({ ...process, address: awayFrom(process.address) }),
		run: async ({ ingest, address }) => await ingest.transfer(awayFrom(address), address),
	},
	{
		name: 'rollBack',
		prepare: async (process) => {
			await first(process);
			await migrate(process);
		},
		run: async (process) => {
			const { index, ingest, address } = process;
			// Going back twice would be refused: there is nothing before the first version.
			const settings = await (await index.openIndex(address)).settings();
			if (settings.notes?.migratedFrom !== undefined) await ingest.rollBack(address);
		},
	},
];
