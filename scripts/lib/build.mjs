import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, inRoot, root, stampOf } from './paths.mjs';
import { Problem } from './problem.mjs';

const stampFile = inRoot('.cache', 'build.stamp');

/** What the sources of dist/ look like now. */
function sourceStamp() {
	const folders = ['lib', 'nodes', 'credentials', 'models'];
	const files = ['package.json', 'gulpfile.js', 'tsconfig.json', 'tsconfig.build.json'];
	return stampOf([
		...folders.flatMap((folder) => [...filesBelow(inRoot(folder))]),
		...files.map((file) => inRoot(file)),
	]);
}

/** Builds dist/ with the Node that is given. @throws Problem with what the build printed */
export function build(node) {
	const stamp = sourceStamp();
	const { status, stdout, stderr } = spawnSync(
		node,
		[inRoot('node_modules/gulp/bin/gulp.js'), 'build', '--silent'],
		{ cwd: root, encoding: 'utf8' },
	);
	if (status !== 0) throw new Problem(`The build failed:\n${stdout}${stderr}`);
	mkdirSync(path.dirname(stampFile), { recursive: true });
	writeFileSync(stampFile, stamp);
}

/** Builds dist/ when a source is newer than the last build. */
export function buildWhenOld(node) {
	const isBuilt = existsSync(inRoot('dist')) && existsSync(stampFile);
	if (isBuilt && readFileSync(stampFile, 'utf8') === sourceStamp()) return;
	console.error('Building the nodes …');
	build(node);
}
