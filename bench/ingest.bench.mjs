/**
 * sync with the built-in static model into the embedded index: growth of time and memory with the input, an unchanged corpus
 * again, one changed document, and how long the event loop is held. Each run is a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAX_HELD_MS = 50;
const MAX_RESYNC_SHARE = 0.03;
/** Peak memory may differ by the garbage collector's mood, not by the input. */
const MAX_GROWTH = 1.15;
const MAX_LINEAR = 1.25;

export async function run({ quick, emit }) {
	const root = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
	const row = (name, unit, ours, limit, atLeast = false) =>
		emit({
			bench: 'ingest',
			case: name,
			unit,
			ours,
			peer: limit,
			peerName: 'limit',
			ratio: atLeast ? ours / limit : limit / Math.max(ours, 1e-9),
			goal: 1,
		});
	try {
		// The quick sizes stay below the 20,000 rows at which the index begins to build a graph beside the writes.
		const sizes = quick ? [3, 6, 12] : [5, 50, 500];
		const runs = [];
		for (const size of sizes) {
			const directory = join(root, `${size}`);
			runs.push({ size, ...(await sync(directory, size, 'streamed')) });
			await rm(directory, { recursive: true, force: true });
		}
		const [small, middle, large] = runs;
		const perMb = ({ timings, size }) => timings.totalMs / size;
		row(`${small.size} MB of markdown, ${small.chunks} chunks`, 'MB/s', 1000 / perMb(small), 1, true);
		row(`${large.size} MB of markdown, ${large.chunks} chunks`, 'MB/s', 1000 / perMb(large), 1, true);
		row(
			`time a MB, ${large.size} MB against ${middle.size} MB`,
			'times',
			perMb(large) / perMb(middle),
			MAX_LINEAR,
		);
		row(
			`peak memory, ${large.size} MB against ${middle.size} MB (${large.peakMb.toFixed(0)} MB)`,
			'times',
			large.peakMb / middle.peakMb,
			MAX_GROWTH,
		);
		// What is left is memory that was freed and that glibc keeps for each thread: docs/vector-index.md has the setting.
		const bounded = [];
		for (const { size } of [middle, large]) {
			const directory = join(root, `bounded-${size}`);
			bounded.push(await sync(directory, size, 'streamed', '', { MALLOC_ARENA_MAX: '1' }));
			await rm(directory, { recursive: true, force: true });
		}
		row(
			`peak memory with MALLOC_ARENA_MAX=1, ${large.size} MB against ${middle.size} MB (${bounded[1].peakMb.toFixed(0)} MB)`,
			'times',
			bounded[1].peakMb / bounded[0].peakMb,
			MAX_GROWTH,
		);
		row(
			`our own objects after the run, ${large.size} MB against ${middle.size} MB (${large.keptMb.toFixed(0)} MB)`,
			'times',
			large.keptMb / middle.keptMb,
			MAX_GROWTH,
		);
		row('event loop held at most', 'ms of CPU', Math.max(...runs.map(({ heldMs }) => heldMs)), MAX_HELD_MS);

		const directory = join(root, 'again');
		// Some 50 ms to open the tables do not depend on the size: 4 MB would measure those.
		const size = quick ? large.size : middle.size;
		const first = await sync(directory, size, 'prepared');
		const again = await sync(directory, size, 'prepared');
		if (again.unchanged === 0 || again.chunks > 0)
			throw new Error('The unchanged corpus was not found unchanged');
		row(
			`${size} MB again, unchanged`,
			'of the first time',
			again.timings.totalMs / first.timings.totalMs,
			MAX_RESYNC_SHARE,
		);

		const one = await sync(directory, size, 'prepared', 100);
		if (one.changed !== 1) throw new Error(`${one.changed} documents were found changed instead of one`);
		const documents = one.changed + one.unchanged;
		row(`one of ${documents} documents changed`, 'chunks embedded', one.embedded, one.chunks);
	} finally {
		await rm(root, { recursive: true, force: true });
	}
}

async function sync(directory, megabytes, prepared, changed = '', env = {}) {
	const script = fileURLToPath(new URL('lib/ingestProcess.mjs', import.meta.url));
	const child = spawn(
		process.execPath,
		['--expose-gc', script, directory, `${megabytes}`, prepared, `${changed}`],
		{
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, ...env },
		},
	);
	let output = '';
	child.stdout.on('data', (data) => (output += data));
	const [code] = await once(child, 'close');
	if (code !== 0) throw new Error(`The sync of ${megabytes} MB failed`);
	return JSON.parse(output);
}
