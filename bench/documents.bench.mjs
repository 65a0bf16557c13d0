/**
 * Reading files as a sync does, two at a time in processes of their own, against a bare use of the same library in this process and
 * against the code of n8n's own nodes: pages (PDF), paragraphs (DOCX), rows (XLSX) and mails (EML) a second; how long this process's
 * event loop is held; memory of this process and of the readers over many files of mixed kinds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { documentSamples } from './lib/documentSamples.mjs';
import { inLanes } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';
import { n8nReaders } from './lib/n8nFiles.mjs';
import { residentMegabytes } from './lib/processCost.mjs';
import { inRoot } from '../scripts/lib/paths.mjs';

/** As a sync reads. */
const LANES = 2;
const GOAL = 0.9;
const MAX_HELD_MS = 50;
/** Memory after all files, against a tenth of them. */
const MAX_GROWTH = 1.1;
/** Small files that are read in milliseconds. */
const SMALL = /\.(?:csv|docx|eml|html|ods|odt|pdf|pptx|rtf|xls|xlsx|zip)$/;

export async function run({ quick, emit }) {
	const { inspectDocument } = moduleOf('ingest');
	const read = async ({ name, bytes }) =>
		await inspectDocument({ source: name, file: { data: bytes, name } });
	const samples = await documentSamples();
	// Loading a parser takes longer than a small file.
	for (const sample of samples) await Promise.all([read(sample), read(sample), sample.bare()]);
	// n8n has a pdf.js of its own, that takes the half which parses from here where another version left one.
	delete globalThis.pdfjsWorker;
	const peers = n8nReaders();
	for (const { kind, bytes } of samples) await peers[kind]?.read(bytes);

	let held = 0;
	for (const sample of samples) {
		const files = quick ? sample.quick : sample.quick * 10;
		const loop = monitorEventLoopDelay({ resolution: 1 });
		loop.enable();
		const ours = await perSecond(files, LANES, async () => await read(sample));
		loop.disable();
		held = Math.max(held, loop.max / 1e6);
		const against = async (peerName, work) => {
			const peer = await perSecond(files, 1, work);
			emit({
				bench: 'documents',
				case: `${sample.kind}, ${sample.units} ${sample.unit} a file`,
				unit: `${sample.unit}/s`,
				ours: ours * sample.units,
				peer: peer * sample.units,
				peerName,
				ratio: ours / peer,
				goal: GOAL,
			});
		};
		await against(`${sample.library}, bare`, async () => await sample.bare());
		const peer = peers[sample.kind];
		if (peer) await against(peer.node, async () => await peer.read(sample.bytes));
	}
	emit({
		bench: 'documents',
		case: 'event loop held at most',
		unit: 'ms',
		ours: held,
		peer: MAX_HELD_MS,
		peerName: 'limit',
		ratio: MAX_HELD_MS / held,
		goal: 1,
	});

	await memory(read, quick ? 1_000 : 10_000, emit);
}

/** Reads files of mixed kinds, and compares the memory after a tenth of them with that after all. */
async function memory(read, count, emit) {
	const folder = inRoot('test', 'fixtures', 'documents');
	const files = readdirSync(folder)
		.filter((name) => SMALL.test(name))
		.map((name) => ({ name, bytes: readFileSync(inRoot('test', 'fixtures', 'documents', name)) }));
	const after = async (number) => {
		// One that is refused was read, too.
		await inLanes(number, LANES, async (at) => await read(files[at % files.length]).catch(() => undefined));
		return { 'this process': process.memoryUsage().rss / 1e6, 'its readers': readersMegabytes() };
	};
	const first = await after(count / 10);
	const last = await after((count * 9) / 10);
	for (const whose of Object.keys(first)) {
		emit({
			bench: 'documents',
			case: `memory of ${whose} after reading ${count} files (${files.length} different ones), against a tenth of them`,
			unit: 'MB',
			ours: last[whose],
			peer: first[whose] * MAX_GROWTH,
			peerName: `limit: ${MAX_GROWTH} of the memory after a tenth`,
			ratio: (first[whose] * MAX_GROWTH) / last[whose],
			goal: 1,
		});
	}
}

/** Memory of the processes that this one started, on Linux. */
function readersMegabytes() {
	const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
	return children.reduce((sum, pid) => sum + (residentMegabytes(pid) ?? 0), 0);
}

/** Runs of `work` a second. */
async function perSecond(count, lanes, work) {
	const started = performance.now();
	await inLanes(count, lanes, work);
	return (count * 1000) / (performance.now() - started);
}
