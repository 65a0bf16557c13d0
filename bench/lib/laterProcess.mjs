/**
 * A sync whose vectors come later, in a process of its own: `node laterProcess.mjs DIRECTORY PASSAGES`. Stores, asks, and goes on
 * with the vectors until it is killed or done. With 0 passages it only goes on. Prints lines of JSON.
 */
import { availableParallelism } from 'node:os';
import { corpusOf } from './ingestCorpus.mjs';
import { moduleOf } from './modules.mjs';

const [directory, passages] = process.argv.slice(2);
const { BackgroundVectors, syncAll, vectorState, WAIT_FOR_VECTORS_MS } = moduleOf('ingest');
const { createIndex } = moduleOf('vectorIndex');
const { builtinEmbedder } = moduleOf('embedding');
const tell = (line) => console.log(JSON.stringify(line));

const FACT = 'The vault of the harbour office in Lindholm is opened by Aurelia Brandt on the second floor.';
const QUESTION = 'Who opens the vault of the harbour office in Lindholm?';
const CHARACTERS = 800;

const started = performance.now();
const cpuMs = () => {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1_000;
};
let held = 0;
let before = cpuMs();
const timer = setInterval(() => {
	const now = cpuMs();
	held = Math.max(held, now - before);
	before = now;
}, 1);

const embedder = builtinEmbedder({ tier: 'multilingual', processes: availableParallelism() });
const { model, dimensions, id } = await embedder.fingerprint();
const address = { backend: 'embedded', directory, name: 'corpus' };
const index = await createIndex(address, { model, dimensions, fingerprint: id }, { ifExists: 'open' });

function* documents(count) {
	let characters = 0;
	for (const document of corpusOf(1_000)) {
		yield document;
		characters += document.text.length;
		if (characters >= count * CHARACTERS * 0.9) break;
	}
	yield { source: 'lindholm.md', text: FACT };
}

if (Number(passages) > 0) {
	const report = await syncAll(documents(Number(passages)), {
		...{ index, embedder, mode: 'add', waitForVectorsMs: WAIT_FOR_VECTORS_MS },
		chunking: { method: 'recursive', size: CHARACTERS },
	});
	const storedMs = performance.now() - started;
	const vector = await embedder.embedQuery(QUESTION);
	const hits = await index.search({ text: QUESTION, vector, mode: 'hybrid', limit: 5 });
	tell({
		...{ event: 'answered', ms: performance.now() - started, storedMs, heldMs: held },
		...{ chunks: report.chunks, pending: report.pendingVectors, right: hits[0]?.source === 'lindholm.md' },
	});
}
clearInterval(timer);

const worker = new BackgroundVectors({
	folder: directory,
	embedderOf: () => embedder,
	startJob: () => ({
		onProgress: ({ done }) => tell({ event: 'progress', done }),
		end: async () => undefined,
	}),
	onError: (thrown) => tell({ event: 'failed', reason: String(thrown) }),
});
const begun = performance.now();
if (Number(passages) > 0) await worker.add(address);
else await worker.resume();
await worker.idle();
tell({ event: 'complete', ms: performance.now() - begun, ...(await vectorState(index)) });
process.exit(0);
