/**
 * One sync in a process of its own, so that its peak memory is its own: `node --expose-gc ingestProcess.mjs DIRECTORY MEGABYTES prepared|streamed CHANGED`.
 * Prints a line of JSON. The event loop is judged by the CPU time of its thread between two timers: waiting for a core that
 * somebody else has is not ours.
 */
import { corpusOf } from './ingestCorpus.mjs';
import { moduleOf } from './modules.mjs';

const [directory, megabytes, prepared, changed] = process.argv.slice(2);
const { syncAll } = moduleOf('ingest');
const { createIndex } = moduleOf('vectorIndex');
const { builtinEmbedder } = moduleOf('embedding');

const embedder = builtinEmbedder({ tier: 'fast' });
const { model, dimensions, id } = await embedder.fingerprint();
const index = await createIndex(
	{ backend: 'embedded', directory, name: 'corpus' },
	{ model, dimensions, fingerprint: id },
	{ ifExists: 'open' },
);
// What making the documents costs is not the sync's: for times they are made beforehand, for memory as they are read.
const isChanged = (number) => String(number) === changed;
const documents =
	prepared === 'prepared'
		? [...corpusOf(Number(megabytes), isChanged)]
		: corpusOf(Number(megabytes), isChanged);

const cpuMs = () => {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1_000;
};
const held = [];
let before = cpuMs();
const timer = setInterval(() => {
	const now = cpuMs();
	held.push(now - before);
	before = now;
}, 1);
const baseline = process.resourceUsage().maxRSS;
const report = await syncAll(documents, {
	index,
	embedder,
	chunking: { method: 'markdown', size: 1000 },
	mode: 'add',
});
clearInterval(timer);
const peakMb = process.resourceUsage().maxRSS / 1024;
globalThis.gc();
const kept = process.memoryUsage();
held.sort((a, b) => b - a);
console.log(
	JSON.stringify({
		...report,
		failed: undefined,
		baseMb: baseline / 1024,
		peakMb,
		keptMb: (kept.heapUsed + kept.external) / 2 ** 20,
		heldMs: held[0] ?? 0,
		held: held.slice(0, 5),
		rows: (await index.info()).rows,
	}),
);
