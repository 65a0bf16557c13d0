/**
 * A first sync of 10,000 passages with the multilingual model: how long until the first right answer, and whether the vectors
 * complete after the process was killed in the middle. `--quick`: 1,200 passages.
 */
import { spawn } from 'node:child_process';
import { readdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAX_ANSWER_MS = 20_000;

export async function run({ quick, emit }) {
	const directory = await mkdtemp(join(tmpdir(), 'bench-later-'));
	const row = (name, unit, ours, limit) =>
		emit({
			...{ bench: 'later', case: name, unit, ours },
			...(limit !== undefined && {
				peer: limit,
				peerName: 'limit',
				ratio: limit / Math.max(ours, 1e-9),
				goal: 1,
			}),
		});
	try {
		const passages = quick ? 1_200 : 10_000;
		const first = await child(directory, passages, ({ event, done }, kill) => {
			if (event === 'progress' && done >= 300) kill();
		});
		const answered = first.find(({ event }) => event === 'answered');
		if (!answered?.right || answered.pending === 0)
			throw new Error(`No right answer: ${JSON.stringify(answered)}`);
		row(`${answered.chunks} passages: stored and found by their words`, 's', answered.storedMs / 1_000);
		row(`${answered.chunks} passages: first right answer`, 's', answered.ms / 1_000, MAX_ANSWER_MS / 1_000);
		row('event loop of the sync held at most', 'ms of CPU', answered.heldMs);
		const second = await child(directory, 0);
		const complete = second.find(({ event }) => event === 'complete');
		if (complete?.pending !== 0 || complete.rows !== answered.chunks)
			throw new Error(`The vectors are not complete: ${JSON.stringify(second.at(-1))}`);
		const done = second.findLast(({ event }) => event === 'progress')?.done ?? 0;
		row('after SIGKILL the next process completed', 'vectors', done);
		row('vectors in the background', 'a second', (done / complete.ms) * 1_000);
		row('on disk when complete', 'MB', (await sizeOf(directory)) / 2 ** 20);
	} finally {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	}
}

/** Resolves to the lines that the process printed until it ended. */
async function child(directory, passages, watch = () => undefined) {
	const file = fileURLToPath(new URL('lib/laterProcess.mjs', import.meta.url));
	const started = spawn(process.execPath, [file, directory, String(passages)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const lines = [];
	for await (const line of createInterface({ input: started.stdout })) {
		lines.push(JSON.parse(line));
		watch(lines.at(-1), () => started.kill('SIGKILL'));
	}
	return lines;
}

async function sizeOf(folder) {
	let size = 0;
	for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
		if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name))).size;
	return size;
}
