/**
 * *Migrate* against a bare loop: reading the rows of the index, vectors that cost nothing, writing into another index in the same
 * batches; no documents, no manifest, no verification. Embedded, and on the stand-in of a Qdrant server that the tests use, or on the
 * server at QDRANT_URL. Then: twice the documents.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';
import { startStandIn } from './lib/qdrantServer.mjs';
import { randomOf } from './lib/random.mjs';

const DIMENSIONS = 384;
const ROUNDS = 3;
const CHUNKS = 5;
const BATCH = { embedded: 2_000, qdrant: 256 };

export async function run({ quick, emit }) {
	const documents = quick ? 1_000 : 4_000;
	const directory = await mkdtemp(join(tmpdir(), 'migrate-bench-'));
	const standIn = process.env.QDRANT_URL ? undefined : await startStandIn();
	try {
		const places = {
			embedded: { backend: 'embedded', directory },
			qdrant: { backend: 'qdrant', url: process.env.QDRANT_URL ?? standIn.url },
		};
		for (const [backend, place] of Object.entries(places)) {
			const once = await measure(place, documents);
			const twice = await measure(place, documents * 2);
			const what = backend === 'qdrant' && standIn ? 'stand-in of Qdrant' : backend;
			const rate = (ms) => Math.round(documents / (ms / 1_000));
			emit({
				...{
					bench: 'migrate',
					case: `${what}, ${documents} documents of ${CHUNKS} chunks`,
					unit: 'documents/s',
				},
				...{ ours: rate(once.ours), peer: rate(once.bare), peerName: 'bare loop' },
				...{ ratio: round(once.bare / once.ours), goal: 0.7 },
			});
			emit({
				...{ bench: 'migrate', case: `${what}, twice the documents`, unit: 'times as long' },
				...{ ours: round(twice.ours / once.ours), ratio: round(2.2 / (twice.ours / once.ours)), goal: 1 },
			});
		}
	} finally {
		await standIn?.stop();
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
	}
}

let names = 0;

/** Milliseconds of a migration and of the bare loop over the same index, in turns; medians. */
async function measure(place, documents) {
	const { createIndex, dropIndex } = moduleOf('vectorIndex');
	const { migrate, syncAll } = moduleOf('ingest');
	const spent = { ours: [], bare: [] };
	for (let round = 0; round < ROUNDS; round++) {
		const address = { ...place, name: `migrate-${++names}` };
		const embedder = randomEmbedder('one');
		const { model, dimensions, id } = await embedder.fingerprint();
		const settings = { model, dimensions, fingerprint: id };
		const index = await createIndex(address, settings);
		const chunking = { method: 'recursive', size: 200 };
		await syncAll(corpus(documents), { index, embedder, chunking, mode: 'add' });
		const bare = async () => {
			const to = { ...address, name: `${address.name}-bare` };
			const target = await createIndex(to, settings);
			spent.bare.push(await timed(() => copyBare(index, target, BATCH[place.backend])));
			await dropIndex(to, to.name);
		};
		const ours = async () => {
			spent.ours.push(await timed(() => migrate(address, { embedder: randomEmbedder('two'), minRecall: 0 })));
		};
		for (const turn of round % 2 === 0 ? [bare, ours] : [ours, bare]) await turn();
		await dropIndex(address, address.name);
	}
	return { ours: median(spent.ours), bare: median(spent.bare) };
}

async function copyBare(from, to, size) {
	const random = randomOf(5);
	let batch = [];
	for await (const row of from.scan()) {
		batch.push({ ...row, vector: vectorOf(random) });
		if (batch.length < size) continue;
		await to.upsert(batch);
		batch = [];
	}
	await to.upsert(batch);
}

async function timed(work) {
	const started = performance.now();
	await work();
	return performance.now() - started;
}

function* corpus(documents) {
	const random = randomOf(11);
	for (let at = 0; at < documents; at++) {
		let text = '';
		while (text.length < 190 * CHUNKS) text += `word${Math.floor(random() * 20_000)} `;
		yield { source: `document-${at}.md`, text };
	}
}

const vectorOf = (random) => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);

/** Vectors that cost next to nothing. */
function randomEmbedder(model) {
	const random = randomOf(3);
	return {
		async *embedDocuments(texts) {
			for await (const text of texts) yield { vector: vectorOf(random), tokens: text.length };
		},
		embedQuery: async () => vectorOf(random),
		fingerprint: async () => ({
			...{ model, dimensions: DIMENSIONS, queryPrefix: '', documentPrefix: '', probes: [], id: model },
		}),
		close: async () => undefined,
	};
}

const round = (value) => Math.round(value * 100) / 100;
