/** Milliseconds between two lines about something that takes long. */
const INTERVAL_MS = 5_000;

/**
 * Waits for `work` and prints a line every few seconds until it has ended, so that a slow machine is told from one that hangs.
 * `describe` gets the seconds since the beginning and returns the line.
 */
export async function withProgress(work, describe) {
	const started = Date.now();
	const timer = setInterval(
		() => console.log(`  ${describe(Math.round((Date.now() - started) / 1000))}`),
		INTERVAL_MS,
	);
	try {
		return await work;
	} finally {
		clearInterval(timer);
	}
}

/** Seconds left at the pace so far, in words. */
export function timeLeft(elapsedMs, done, total) {
	if (done === 0) return 'time left not known yet';
	const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
	return seconds > 90 ? `about ${Math.ceil(seconds / 60)} min left` : `about ${seconds} s left`;
}
