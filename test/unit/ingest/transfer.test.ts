// An index moves between this machine and Qdrant, or between two Qdrant servers, while it is searched and written.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteDocuments, syncAll, transfer, type IngestDocument } from '../../../lib/ingest';
import {
	createIndex,
	type IndexAddress,
	openIndex,
	restoreIndex,
	snapshotIndex,
} from '../../../lib/vectorIndex';
import { QdrantStandIn, type Exchange } from '../../support/qdrant/server';
import { WordEmbedder } from '../../support/wordEmbedder';
import { contentOf, differencesOf } from './corpus';

jest.setTimeout(300_000);

const embedder = new WordEmbedder();
const standIn = new QdrantStandIn();
const otherStandIn = new QdrantStandIn();
let url: string;
let otherUrl: string;
let home: string;
let count = 0;

beforeAll(async () => {
	url = await standIn.start();
	otherUrl = await otherStandIn.start();
	home = mkdtempSync(path.join(tmpdir(), 'transfer-'));
});
beforeEach(() => {
	standIn.fault = undefined;
});
afterAll(async () => {
	await Promise.all([standIn.stop(), otherStandIn.stop()]);
	rmSync(home, { recursive: true, force: true, maxRetries: 5 });
	expect([...standIn.violations, ...otherStandIn.violations]).toEqual([]);
});

const places = (): { here: IndexAddress; there: IndexAddress } => {
	const name = `kb-${++count}`;
	return {
		here: { backend: 'embedded', directory: path.join(home, name), name },
		there: { backend: 'qdrant', url, name },
	};
};
const servers = (): { here: IndexAddress; there: IndexAddress } => {
	const name = `kb-${++count}`;
	return { here: { backend: 'qdrant', url: otherUrl, name }, there: { backend: 'qdrant', url, name } };
};
const document = (at: number, word = 'opens'): IngestDocument => ({
	source: `manual-${at}.md`,
	text: `Valve ${at} ${word} at noon.\n\nIts second part waits for valve ${at + 1}.`,
	metadata: { number: at },
});
const documents = (from: number, to: number): IngestDocument[] =>
	Array.from({ length: to - from }, (_, i) => document(from + i));

async function store(address: IndexAddress, some: IngestDocument[]): Promise<void> {
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
	const index = await createIndex(address, { model, dimensions, fingerprint }, { ifExists: 'open' });
	const chunking = { method: 'recursive', size: 40 } as const;
	const { failures, failed } = await syncAll(some, { index, embedder, chunking, mode: 'add' });
	if (failures > 0) throw new Error(failed[0]?.reason);
}

/** Rows, vectors and manifest of both, but for what says where the index is written. */
async function differences(one: IndexAddress, other: IndexAddress): Promise<string[]> {
	const [a, b] = await Promise.all([one, other].map(async (each) => contentOf(await openIndex(each))));
	if (!a || !b) throw new Error('There are two.');
	for (const { manifest, rows } of [a, b]) {
		manifest.delete('place:elsewhere');
		// Qdrant keeps vectors at length 1.
		for (const [id, row] of rows) rows.set(id, JSON.stringify((JSON.parse(row) as unknown[])[0]));
	}
	return differencesOf(a, b);
}

it('moves all documents, single rows and settings, and back with what was stored since', async () => {
	const { here, there } = places();
	await store(here, documents(0, 30));
	await (await openIndex(here)).upsert([{ id: 'single', source: 'notes', text: 'a note' }]);
	const moved = await transfer(here, there, { layout: { shards: 2, replicas: 1 } });
	expect(moved).toMatchObject({ state: 'moved', documents: 31 });
	expect(await differences(here, there)).toEqual([]);
	const settings = await (await openIndex(there)).settings();
	expect(settings.layout).toEqual({ shards: 2, replicas: 1 });
	expect(await transfer(here, there)).toMatchObject({ state: 'unchanged' });

	await expect(store(here, [document(99)])).rejects.toMatchObject({
		kind: 'moved',
		message: expect.stringMatching(/Set Stored In to "Qdrant"/) as string,
	});
	await expect(deleteDocuments(await openIndex(here), ['manual-1.md'])).rejects.toMatchObject({
		kind: 'moved',
	});
	// It can still be searched.
	const query = { mode: 'keyword', text: 'valve 7', limit: 3 } as const;
	expect(await (await openIndex(here)).search(query)).not.toEqual([]);

	await store(there, [document(3, 'closes'), document(50)]);
	await deleteDocuments(await openIndex(there), ['manual-4.md']);
	await (await openIndex(there)).delete({ ids: ['single'] });
	expect(await transfer(there, here)).toMatchObject({ state: 'moved', documents: 30 });
	expect(await differences(there, here)).toEqual([]);
	await store(here, [document(51)]);
	await expect(store(there, [document(52)])).rejects.toThrow(/Set Stored In to "This Machine"/);
});

it('moves to another Qdrant server and back, and tells writers which one it is', async () => {
	const { here, there } = servers();
	await store(here, documents(0, 20));
	expect(await transfer(here, there)).toMatchObject({ state: 'moved', documents: 20 });
	expect(await differences(here, there)).toEqual([]);
	await expect(store(here, [document(99)])).rejects.toMatchObject({
		kind: 'moved',
		message: expect.stringMatching(`Qdrant at ${url}.*select the credential of that server`) as string,
	});
	await store(there, [document(3, 'closes')]);
	expect(await transfer(there, here)).toMatchObject({ state: 'moved', documents: 20 });
	expect(await differences(there, here)).toEqual([]);
	await store(here, [document(51)]);
});

it('refuses a server that the index is on already, and one whose index belongs to a third', async () => {
	const { here, there } = servers();
	const same = { ...here, url: otherUrl.replace('127.0.0.1', 'localhost') } as IndexAddress;
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
	await createIndex(here, { model, dimensions, fingerprint });
	await expect(transfer(here, same)).rejects.toMatchObject({
		kind: 'invalidSettings',
		message: expect.stringMatching(/in the new place already/) as string,
	});
	await store(here, documents(0, 2));
	await expect(transfer(here, same)).rejects.toThrow(/in the new place already/);
	const machine = { ...places().here, name: here.name };
	await transfer(here, machine);
	await store(there, documents(5, 6));
	// What was moved to this machine is not overwritten by what is on another server.
	await expect(transfer(there, here)).rejects.toMatchObject({
		kind: 'alreadyExists',
		message: expect.stringMatching(/belongs to one on This Machine/) as string,
	});
});

it.each([
	['to Qdrant', places],
	['to another Qdrant server', servers],
])('%s it loses nothing that is stored meanwhile, and no search fails', async (_, ends) => {
	const { here, there } = ends();
	await store(here, documents(0, 60));
	let moving = true;
	const told: IngestDocument[] = [];
	let searches = 0;
	let refused = 0;
	const searching = (async () => {
		const index = await openIndex(here);
		while (moving) {
			expect(await index.search({ mode: 'keyword', text: 'valve', limit: 5 })).toHaveLength(5);
			searches++;
			await sleep(20);
		}
	})();
	const writing = (async () => {
		for (let at = 100; moving; at++) {
			const one = document(at % 2 === 0 ? at : at % 60, 'was written');
			try {
				await store(here, [one]);
				told.push(one);
			} catch (thrown) {
				// From the moment of the switch on.
				expect(thrown).toMatchObject({ kind: 'moved' });
				refused++;
				return;
			}
		}
	})();
	await sleep(300);
	await transfer(here, there);
	await writing;
	moving = false;
	await searching;
	expect(await differences(here, there)).toEqual([]);
	const rows = await (await openIndex(there)).tally('source');
	for (const { source } of told) expect(rows.get(source)).toBeGreaterThan(0);
	expect(told.length).toBeGreaterThan(0);
	expect(searches).toBeGreaterThan(0);
	expect(refused).toBe(1);
});

it.each([
	['to Qdrant', places],
	['to another Qdrant server', servers],
])('%s it goes on where it was interrupted, whichever write fails', async (_, ends) => {
	const isWrite = ({ method, path: of }: Exchange): boolean =>
		method === 'PUT' || method === 'DELETE' || (/(points\/delete|aliases)$/.test(of) && method === 'POST');
	for (let at = 1; ; at++) {
		const { here, there } = ends();
		await store(here, documents(0, 4));
		let writes = 0;
		standIn.fault = (exchange) =>
			isWrite(exchange) && ++writes === at ? { status: 500, message: 'cut off by the test' } : undefined;
		const first = await transfer(here, there).catch(() => undefined);
		standIn.fault = undefined;
		if (writes < at) break;
		// Not moved before it is whole: whoever wrote here goes on to do so, or is told.
		const second = await transfer(here, there);
		expect([at, first?.state ?? second.state]).toEqual([at, 'moved']);
		expect(await differences(here, there)).toEqual([]);
		await store(there, [document(9)]);
	}
});

it('does not touch an index that is no copy, and a snapshot does not take along where it was', async () => {
	const { here, there } = places();
	await store(here, documents(0, 3));
	await store(there, documents(5, 6));
	await expect(transfer(here, there)).rejects.toMatchObject({ kind: 'alreadyExists' });
	const other = places();
	await store(other.here, documents(0, 3));
	await transfer(other.here, other.there);
	const parts: Uint8Array[] = [];
	for await (const part of snapshotIndex(await openIndex(other.here))) parts.push(part);
	const restored = { ...other.here, name: 'restored' };
	await restoreIndex(restored, parts);
	await store(restored, [document(7)]);
});
