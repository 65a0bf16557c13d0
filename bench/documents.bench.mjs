/**
 * Reading files as a sync does, two at a time in processes of their own, against a bare use of the same library in this process:
 * pages (PDF), paragraphs (DOCX), rows (XLSX) and mails (EML) a second; how long this process's event loop is held; memory of this
 * process over many files.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { documentSamples } from './lib/documentSamples.mjs';
import { inLanes } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';

/** As a sync reads. */
const LANES = 2;
const GOAL = 0.9;
const MAX_HELD_MS = 50;
/** Memory in the second half of many files, against the first. */
const MAX_GROWTH = 1.1;

export async function run({ quick, emit }) {
	const { inspectDocument } = moduleOf('ingest');
	const read = async ({ name, bytes }) =>
		await inspectDocument({ source: name, file: { data: bytes, name } });
	const samples = await documentSamples();
	// Loading a parser takes longer than a small file.
	for (const sample of samples) await Promise.all([read(sample), read(sample), sample.bare()]);

	let held = 0;
	for (const sample of samples) {
		const files = quick ? sample.quick : sample.quick * 10;
		const loop = monitorEventLoopDelay({ resolution: 1 });
		loop.enable();
		const ours = await perSecond(files, LANES, async () => await read(sample));
		loop.disable();
		held = Math.max(held, loop.max / 1e6);
		const bare = await perSecond(files, 1, async () => await sample.bare());
		emit({
			bench: 'documents',
			case: `${sample.kind}, ${sample.units} ${sample.unit} a file`,
			unit: `${sample.unit}/s`,
			ours: ours * sample.units,
			peer: bare * sample.units,
			peerName: `${sample.library}, bare`,
			ratio: ours / bare,
			goal: GOAL,
		});
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

	const count = quick ? 400 : 10_000;
	const mail = samples.find(({ kind }) => kind === 'EML');
	const half = async () => {
		await inLanes(count / 2, LANES, async () => await read(mail));
		return process.memoryUsage().rss / 1e6;
	};
	const [first, second] = [await half(), await half()];
	emit({
		bench: 'documents',
		case: `memory of this process after ${count} mails, against half of them`,
		unit: 'MB',
		ours: second,
		peer: first * MAX_GROWTH,
		peerName: 'limit',
		ratio: (first * MAX_GROWTH) / second,
		goal: 1,
	});
}

/** Runs of `work` a second. */
async function perSecond(count, lanes, work) {
	const started = performance.now();
	await inLanes(count, lanes, work);
	return (count * 1000) / (performance.now() - started);
}
