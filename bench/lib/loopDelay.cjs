// Preloaded into n8n: every 100 ms the longest hold of the event loop since then and the memory of n8n with the processes
// it has started go to the file LOOP_DELAY_FILE, one JSON line each. It is wall time: on a busy machine other programs are
// in it too.
const { appendFileSync, readFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

// Threads and processes of n8n are preloaded like it; only its own loop is asked about.
if (isMainThread && !process.env.LOOP_DELAY_WATCHED) {
	process.env.LOOP_DELAY_WATCHED = 'yes';
	watch();
}

function watch() {
	const histogram = monitorEventLoopDelay({ resolution: 5 });
	histogram.enable();
	setInterval(() => {
		const line = { at: Date.now(), maxMs: histogram.max / 1e6, rssMb: rssOf(process.pid) / 1048576 };
		histogram.reset();
		appendFileSync(process.env.LOOP_DELAY_FILE, `${JSON.stringify(line)}\n`);
	}, 100).unref();
}

/** Resident bytes of a process and of those it has started; where there is no /proc, of this one alone. */
function rssOf(pid) {
	try {
		const own = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
		// Those that its main thread has started, as all of these are.
		const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
		return children.reduce((sum, child) => sum + rssOf(child), own);
	} catch {
		return pid === process.pid ? process.memoryUsage().rss : 0;
	}
}
