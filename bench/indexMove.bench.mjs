/**
 * *Move* of an index while it is searched and 20 documents a second are stored: from this machine to Qdrant, and from there to another
 * server. With QDRANT_BIN to one real node and from it to a cluster of three; without it to stand-ins, with fewer rows. Searches must
 * not fail, and both places must hold the same rows in the end. MOVE_ROWS sets the number of rows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';
import { startNodes, startStandIn } from './lib/qdrantServer.mjs';
import { randomOf } from './lib/random.mjs';

const DIMENSIONS = 384;
const ROWS_A_DOCUMENT = 5;
const WRITES_A_SECOND = 20;
/** Stores that may be under way at once: beyond that the machine is too slow for the rate. */
const WRITES_AT_ONCE = 20;
const NAME = 'kb';

export async function run({ quick, emit }) {
	const program = process.env.QDRANT_BIN;
	const rows = Number(process.env.MOVE_ROWS ?? (program ? (quick ? 10_000 : 100_000) : 2_000));
	const directory = await mkdtemp(join(tmpdir(), 'move-bench-'));
	const servers = [];
	try {
		for (const nodes of [1, 3]) servers.push(program ? await startNodes(nodes) : await startStandIn());
		const [one, cluster] = servers.map(({ url }) => ({ backend: 'qdrant', url, name: NAME }));
		const machine = { backend: 'embedded', directory, name: NAME };
		await fill(machine, rows);
		const what = (end) => `${rows.toLocaleString('en')} rows, ${program ? end : `${end} (stand-ins)`}`;
		await move({ emit, from: machine, to: one, what: what('this machine to one node') });
		await move({ emit, from: one, to: cluster, what: what('one node to three') });
	} finally {
		for (const server of servers) await server.stop();
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
	}
}

const embedder = vectorsOfText();
const chunking = { method: 'recursive', size: 200 };

async function fill(address, rows) {
	const { createIndex } = moduleOf('vectorIndex');
	const { syncAll } = moduleOf('ingest');
	const { model, dimensions, id: fingerprint } = await embedder.fingerprint();
	const index = await createIndex(address, { model, dimensions, fingerprint });
	const documents = (function* () {
		for (let at = 0; at < rows / ROWS_A_DOCUMENT; at++) yield documentOf(`document-${at}.md`, at);
	})();
	const { failures, failed } = await syncAll(documents, { index, embedder, chunking, mode: 'add' });
	if (failures > 0) throw new Error(failed[0].reason);
}

async function move({ emit, from, to, what }) {
	const { openIndex } = moduleOf('vectorIndex');
	const { transfer } = moduleOf('ingest');
	const traffic = startTraffic(await openIndex(from));
	const started = performance.now();
	let report;
	try {
		report = await transfer(from, to);
	} finally {
		await traffic.stop();
	}
	const seconds = (performance.now() - started) / 1_000;
	const differing = await differences(await openIndex(from), await openIndex(to));
	const { searches, failed, times, stored, refused } = traffic.seen;
	const row = (fields) => emit({ bench: 'index-move', ...fields });
	const count = (title, value) =>
		row({ case: `${title}, ${what}`, ours: value, ratio: value === 0 ? 1 : 0, goal: 1 });
	row({
		...{ case: `time, ${what}`, unit: 's', ours: round(seconds), passes: report.passes, rows: report.rows },
		...{
			documentsStored: stored,
			storedPerSecond: round(stored / seconds),
			writersWaitedMs: Math.round(report.writersWaitedMs),
		},
	});
	row({ case: `search p95 meanwhile, ${what}`, unit: 'ms', ours: round(quantile(times, 0.95)), searches });
	count('searches failed', failed);
	count('rows different', differing);
	// Writers learn from the first refusal that the index has moved.
	count('documents lost', await missing(await openIndex(to), traffic.seen.sources));
	if (refused === 0) throw new Error('No writer was told that the index has moved.');
}

/** Searches one after the other, and stores documents at a fixed rate until that is refused because the index has moved. */
function startTraffic(index) {
	const { syncAll } = moduleOf('ingest');
	const seen = { searches: 0, failed: 0, times: [], stored: 0, refused: 0, sources: [] };
	let going = true;
	const searching = (async () => {
		const random = randomOf(23);
		while (going) {
			const begun = performance.now();
			try {
				const vector = vectorOf(random);
				const hits = await index.search({ mode: 'hybrid', vector, text: wordsOf(random, 4), limit: 10 });
				if (hits.length === 0) seen.failed++;
			} catch {
				seen.failed++;
			}
			seen.times.push(performance.now() - begun);
			seen.searches++;
			await sleep(20);
		}
	})();
	const store = async (at) => {
		// Half of them are new, half replace one that is there.
		const source = at % 2 === 0 ? `new-${at}.md` : `document-${at}.md`;
		try {
			await syncAll([documentOf(source, 1_000_000 + at)], { index, embedder, chunking, mode: 'add' });
			seen.stored++;
			seen.sources.push(source);
		} catch (error) {
			if (error.kind !== 'moved') throw error;
			seen.refused++;
		}
	};
	const writing = (async () => {
		const begun = performance.now();
		const underWay = new Set();
		for (let at = 0; going && seen.refused === 0; at++) {
			await sleep(Math.max(0, begun + (at * 1_000) / WRITES_A_SECOND - performance.now()));
			if (underWay.size >= WRITES_AT_ONCE) await Promise.race(underWay);
			const one = store(at).finally(() => underWay.delete(one));
			underWay.add(one);
		}
		await Promise.all(underWay);
	})();
	return {
		seen,
		stop: async () => {
			going = false;
			await Promise.all([searching, writing]);
		},
	};
}

/** Rows of either index that the other one does not have in the same form. */
async function differences(one, other) {
	const [here, there] = await Promise.all([one, other].map(rowsOf));
	let different = 0;
	for (const [id, row] of here) if (there.get(id) !== row) different++;
	for (const id of there.keys()) if (!here.has(id)) different++;
	return different;
}

async function rowsOf(index) {
	const { stableJson } = moduleOf('support');
	const rows = new Map();
	// Qdrant keeps vectors at length 1: here only how many numbers they have.
	for await (const { vector, ...row } of index.scan())
		rows.set(row.id, stableJson({ ...row, vector: vector?.length ?? 0 }));
	return rows;
}

async function missing(index, sources) {
	const rows = await index.tally('source');
	return sources.filter((source) => !rows.has(source)).length;
}

function documentOf(source, seed) {
	const random = randomOf(seed + 1);
	let text = '';
	while (text.length < 190 * ROWS_A_DOCUMENT) text += `word${Math.floor(random() * 5_000)} `;
	return { source, text };
}

const wordsOf = (random, count) =>
	Array.from({ length: count }, () => `word${Math.floor(random() * 5_000)}`).join(' ');
const vectorOf = (random) => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);

/** Vectors that cost next to nothing. */
function vectorsOfText() {
	const random = randomOf(3);
	const vector = () => vectorOf(random);
	return {
		async *embedDocuments(texts) {
			for await (const text of texts) yield { vector: vector(), tokens: text.length };
		},
		embedQuery: async () => vector(),
		fingerprint: async () => ({
			...{
				model: 'random',
				dimensions: DIMENSIONS,
				queryPrefix: '',
				documentPrefix: '',
				probes: [],
				id: 'random',
			},
		}),
		close: async () => undefined,
	};
}

const round = (value) => Math.round(value * 100) / 100;
