// npm run screenshots: renews every picture in docs/screenshots. The end-to-end tests take them as they go, so a picture
// shows what was just seen to work; one that no test took any more is named, and so is one that has grown too large.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './lib/paths.mjs';
import { Problem, requireNode, runMain } from './lib/problem.mjs';

const folder = 'docs/screenshots';
/** Pages should open quickly, and the repository stay small. */
const MAX_BYTES = 150_000;

await runMain(async () => {
	requireNode();
	const started = Date.now();
	const { status } = spawnSync(process.execPath, [inRoot('scripts', 'test.mjs'), 'e2e'], {
		stdio: 'inherit',
		// Without a browser nothing would be renewed: then it has to fail.
		env: { ...process.env, CI: 'true', LOCAL_ENGINE_SCREENSHOTS: folder },
	});
	if (status !== 0)
		throw new Problem('The end-to-end tests failed: see above. Pictures may be half renewed; run it again.');
	const pictures = readdirSync(inRoot(folder), { recursive: true })
		.filter((name) => name.endsWith('.png'))
		.map((name) => ({ name: path.join(folder, name), ...sizeAndTime(inRoot(folder, name)) }));
	const old = pictures.filter(({ time }) => time < started).map(({ name }) => name);
	const large = pictures.filter(({ bytes }) => bytes > MAX_BYTES).map(({ name }) => name);
	console.log(`${pictures.length - old.length} of ${pictures.length} pictures renewed`);
	if (old.length > 0)
		throw new Problem(`No test takes these any more: delete them, or take them:\n${old.join('\n')}`);
	if (large.length > 0) throw new Problem(`Larger than ${MAX_BYTES / 1000} kB:\n${large.join('\n')}`);
});

function sizeAndTime(file) {
	const { size, mtimeMs } = statSync(file);
	return { bytes: size, time: mtimeMs };
}
