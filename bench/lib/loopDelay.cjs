// Preloaded into n8n: every 100 ms the longest hold of the event loop and the memory since then go to the file
// LOOP_DELAY_FILE, one JSON line each. It is wall time: on a busy machine other programs are in it too.
const { appendFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

// Threads are preloaded like the process; only n8n's own loop is asked about.
if (isMainThread) watch();

function watch() {
	const histogram = monitorEventLoopDelay({ resolution: 5 });
	histogram.enable();
	setInterval(() => {
		const line = { at: Date.now(), maxMs: histogram.max / 1e6, rssMb: process.memoryUsage().rss / 1048576 };
		histogram.reset();
		appendFileSync(process.env.LOOP_DELAY_FILE, `${JSON.stringify(line)}\n`);
	}, 100).unref();
}
