// Parts of the distillation bench that need a process of their own: for its memory, its event loop, or to be killed.
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = process.env.LOCAL_ENGINE_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const lib = createRequire(import.meta.url)(join(dist, 'lib', 'distillation', 'index.js'));
const [task, ...args] = process.argv.slice(2);

/** Log file → records → gates → split → export, as a nightly flow does it. */
async function pipeline(log, folder, container) {
	let peak = 0;
	const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
	// Processor time of the main thread between two turns of the loop: what we hold it for, not what other processes take.
	let longest = 0;
	let last = process.threadCpuUsage();
	const watch = setInterval(() => {
		const now = process.threadCpuUsage();
		longest = Math.max(longest, now.user + now.system - last.user - last.system);
		last = now;
	}, 1);
	const started = performance.now();
	async function* records() {
		for await (const row of lib.importLogs(createReadStream(log), { file: 'log.jsonl' }))
			if ('value' in row) yield row.value;
	}
	const set = await lib.curate(records(), {});
	const curated = performance.now();
	const { manifest } = await lib.exportDataSet(set.records(), {
		format: 'trl-messages',
		name: 'bench',
		folder: join(folder, 'set'),
		allowedFolders: [folder],
		container,
		funnel: set.funnel,
	});
	const seconds = (performance.now() - started) / 1000;
	await set.close();
	clearInterval(timer);
	clearInterval(watch);
	return {
		seconds,
		curateSeconds: (curated - started) / 1000,
		cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
		peakMegabytes: Math.max(peak, process.memoryUsage.rss()) / 1e6,
		longestHoldMs: longest / 1000,
		rows: manifest.rows,
		input: set.funnel.input,
	};
}

/** Appends until it is killed or the time is up; reports each acknowledged append. */
async function record(file, name, batch, milliseconds) {
	const store = await lib.recordStore({ backend: 'sqlite', file });
	process.send({ ready: true });
	await new Promise((resolve) => process.once('message', resolve));
	const started = performance.now();
	const size = Number(batch);
	let next = 0;
	while (performance.now() - started < Number(milliseconds)) {
		const records = Array.from({ length: size }, () => {
			const id = `${name}-${next++}`;
			return lib.toRecord({
				id,
				prompt: `Question ${id}?`,
				answer: 'An answer of ordinary length. '.repeat(10),
			});
		});
		await store.append(records);
		process.send({
			acknowledged: records.map((entry) => entry.id),
			seconds: (performance.now() - started) / 1000,
		});
	}
	await store.close();
	process.disconnect();
}

if (task === 'pipeline') process.send(await pipeline(...args));
else await record(...args);
