/**
 * The index on Qdrant against Qdrant's own client with the same points in the same batches, both without compression: writing, search
 * by vector, and hybrid search against one request with prefetch and fusion on the server. With QDRANT_BIN, one node and then three are
 * started on this machine. Or QDRANT_URL names the server, or the nodes of a cluster separated by commas (QDRANT_API_KEY its key).
 * Without either, the stand-in of the tests answers, which shows that the bench works and nothing about a server: then there are no
 * goals.
 */
import { QdrantClient } from '@qdrant/js-client-rest';
import { createRequire } from 'node:module';
import { quantile } from './lib/measure.mjs';
import { dist, moduleOf } from './lib/modules.mjs';
import { startNodes, startStandIn } from './lib/qdrantServer.mjs';
import { randomOf } from './lib/random.mjs';

const DIMENSIONS = 384;
/** As the index writes. */
const BATCH = 256;
const LIMIT = 10;
/** What the index asks of each ranking in a hybrid search. */
const CANDIDATES = 100;
const WORDS = 2_000;

export async function run({ quick, emit }) {
	const { QDRANT_URL: url, QDRANT_BIN: program } = process.env;
	const real = { emit, isReal: true, rows: quick ? 20_000 : 100_000, asked: quick ? 100 : 400 };
	if (url) await compare({ ...real, url });
	else if (program) {
		for (const nodes of [1, 3])
			await withServer(await startNodes(nodes), (started) => compare({ ...real, url: started }));
	} else
		await withServer(await startStandIn(), (started) =>
			compare({ ...real, url: started, isReal: false, rows: 2_000 }),
		);
}

async function withServer(server, work) {
	try {
		await work(server.url);
	} finally {
		await server.stop();
	}
}

async function compare({ emit, url, isReal, rows, asked }) {
	const { createIndex, dropIndex } = moduleOf('vectorIndex');
	const require = createRequire(import.meta.url);
	const { toPoint } = require(`${dist}/lib/vectorIndex/qdrant/payload.js`);
	const { preparePoint } = require(`${dist}/lib/vectorIndex/point.js`);
	const { queryVector } = require(`${dist}/lib/vectorIndex/qdrant/sparse.js`);
	const { queryTermsOf } = require(`${dist}/lib/vectorIndex/terms/index.js`);

	const apiKey = process.env.QDRANT_API_KEY;
	const name = `bench-${process.pid}`;
	const address = { backend: 'qdrant', url, apiKey, name };
	const [first, ...others] = url.split(/[\s,]+/);
	const nodes = others.length + 1;
	const client = new QdrantClient({
		...{ url: first, apiKey, checkCompatibility: false },
		headers: { 'accept-encoding': 'identity' },
	});
	const settings = { model: 'm', dimensions: DIMENSIONS, fingerprint: 'f' };
	const { points, questions } = data(rows, asked);
	const prepared = points.map((point) => toPoint(preparePoint(point, settings)));
	const what = `${rows / 1000}k × ${DIMENSIONS}, ${isReal ? `${nodes} node${nodes === 1 ? '' : 's'}` : 'stand-in'}`;
	const row = (title, fields) =>
		emit({
			bench: 'index-cluster',
			case: `${title}, ${what}`,
			peerName: '@qdrant/js-client-rest',
			...fields,
		});
	const goal = (value) => (isReal ? { goal: value } : {});

	const index = await createIndex(address, settings);
	const peerAddress = { ...address, name: `${name}-peer` };
	await createIndex(peerAddress, settings);
	const peer = `${name}-peer--000000000000`;
	try {
		const ours = await timed(() => index.upsert(points));
		const theirs = await timed(async () => {
			for (let at = 0; at < prepared.length; at += BATCH)
				await client.upsert(peer, { wait: true, points: prepared.slice(at, at + BATCH) });
		});
		const rate = (ms) => Math.round(rows / (ms / 1_000));
		row(`upsert, batches of ${BATCH}`, {
			...{ unit: 'rows/s', ours: rate(ours), peer: rate(theirs), ratio: theirs / ours },
			...goal(0.95),
		});
		await untilIndexed(client, [`${name}--000000000000`, peer]);
		const searches = {
			'vector search': {
				goal: 1 / 1.1,
				ours: ({ vector }) => index.search({ mode: 'vector', vector, limit: LIMIT }),
				theirs: ({ vector }) =>
					client.query(peer, {
						...{ query: Array.from(vector), using: 'dense', limit: LIMIT, with_payload: true },
						params: { hnsw_ef: 128, quantization: { rescore: true, oversampling: 2 } },
					}),
			},
			'hybrid search': {
				goal: 1 / 1.2,
				ours: ({ vector, text }) => index.search({ mode: 'hybrid', vector, text, limit: LIMIT }),
				theirs: ({ vector, text }) =>
					client.query(peer, {
						prefetch: [
							{ query: Array.from(vector), using: 'dense', limit: CANDIDATES },
							{ query: queryVector(queryTermsOf(text)), using: 'keywords', limit: CANDIDATES },
						],
						...{ query: { fusion: 'rrf' }, limit: LIMIT, with_payload: true },
					}),
			},
		};
		for (const [title, { goal: wanted, ...sides }] of Object.entries(searches)) {
			const spent = { ours: [], theirs: [] };
			for (const [i, question] of questions.entries()) {
				for (const who of i % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours']) {
					const ms = await timed(() => sides[who](question));
					// The first ones load code and fill caches.
					if (i >= 10) spent[who].push(ms);
				}
			}
			for (const [name, q] of [
				['p50', 0.5],
				['p95', 0.95],
			]) {
				const [a, b] = [quantile(spent.ours, q), quantile(spent.theirs, q)];
				row(`${title} ${name}`, {
					...{ unit: 'ms', ours: round(a), peer: round(b), ratio: b / a },
					...(name === 'p50' && goal(wanted)),
				});
			}
		}
	} finally {
		await dropIndex(address, name);
		await dropIndex(peerAddress, peerAddress.name);
	}
}

/** Rows of clusters with words of a skewed vocabulary, and questions like them. */
function data(rows, asked) {
	const random = randomOf(11);
	const centres = Array.from({ length: 200 }, () =>
		Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5),
	);
	const vectorNear = () => {
		const centre = centres[Math.floor(random() * centres.length)];
		return centre.map((value) => value + (random() - 0.5) * 0.5);
	};
	const words = (count) =>
		Array.from({ length: count }, () => `word${Math.floor(WORDS * random() ** 2)}`).join(' ');
	return {
		points: Array.from({ length: rows }, (_, i) => ({
			...{ id: `r${i}`, source: `s${i % 500}.md`, text: words(60), start: 0, end: 400 },
			...{ vector: vectorNear(), metadata: { number: i } },
		})),
		questions: Array.from({ length: asked }, () => ({ vector: vectorNear(), text: words(5) })),
	};
}

/** Waits until the server has built its graphs. */
async function untilIndexed(client, collections) {
	for (const collection of collections) {
		for (let turn = 0; turn < 600; turn++) {
			if ((await client.getCollection(collection)).status === 'green') break;
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
	}
}

async function timed(work) {
	const started = performance.now();
	await work();
	return performance.now() - started;
}

const round = (ms) => Math.round(ms * 100) / 100;
