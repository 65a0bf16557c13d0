// npm test [-- NAME…]: every check there is but the long ones, or the named ones (scripts/lib/parts.mjs lists them).
// Ends with "N passed, N failed". What cannot run here is skipped with a sentence; with CI=true it fails instead.
import { ensure } from './ensure.mjs';
import { NEEDS } from './lib/needs.mjs';
import { PARTS } from './lib/parts.mjs';
import { Problem, requireNode } from './lib/problem.mjs';
import { TestRun } from './lib/testRun.mjs';

const run = new TestRun();

function chosen() {
	const named = process.argv.slice(2);
	const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
	if (unknown) {
		const list = (long) => Object.keys(PARTS).filter((name) => Boolean(PARTS[name].long) === long);
		throw new Problem(
			`There is no part "${unknown}". Parts: ${list(false).join(', ')}. Only when named: ${list(true).join(', ')}.`,
		);
	}
	return Object.entries(PARTS)
		.map(([name, part]) => ({ name, ...part }))
		.filter(({ name, long }) => (named.length > 0 ? named.includes(name) : !long));
}

/** Gets what a part needs; undefined when it cannot run at all. */
async function prepare(part) {
	const started = Date.now();
	const env = { ...part.env };
	let canRun = true;
	for (const need of part.needs ?? []) {
		const got = await NEEDS[need]();
		Object.assign(env, got.env);
		for (const reason of got.reasons ?? []) run.skip(reason, part);
		if (got.required) canRun = false;
	}
	run.spent('installing', Date.now() - started);
	return canRun ? env : undefined;
}

async function runAll(parts) {
	for (const part of parts.filter(({ program }) => program)) await run.program(part.name, part);
	// Those in n8n share one; each of the others is a run of its own.
	const shared = [];
	const sharedEnv = {};
	for (const part of parts.filter(({ suite }) => suite)) {
		const env = await prepare(part);
		if (!env) continue;
		if (part.long || !part.needs?.includes('n8n')) await run.tests([part], env);
		else {
			shared.push(part);
			Object.assign(sharedEnv, env);
		}
	}
	if (shared.length > 0) await run.tests(shared, sharedEnv);
}

try {
	requireNode();
	const parts = chosen();
	const host = parts.some(({ needs }) => needs?.includes('n8n'));
	if (host && !parts.some(({ name }) => name === 'build')) parts.unshift({ name: 'build', ...PARTS.build });
	const started = Date.now();
	run.node = (await ensure({ host, dist: false })).node;
	run.spent('installing', Date.now() - started);
	await runAll(parts);
} catch (error) {
	if (!(error instanceof Problem)) console.error(error);
	run.fail(error.message);
}
run.report();
if (run.failed) process.exitCode = 1;
