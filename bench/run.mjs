// npm run bench -- NAME… [--quick]: runs bench/NAME.bench.mjs and bench/NAME-*.bench.mjs; without a name, all of them.
// Prints one JSON line a measurement and ends with 1 when a goal is missed.
import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { inRoot } from '../scripts/lib/paths.mjs';
import { Problem, requireNode, runMain } from '../scripts/lib/problem.mjs';
import { prepared } from './lib/prepare.mjs';

const ending = '.bench.mjs';
/** `ingestN8n.bench.mjs` is asked for as `ingest-n8n`, and back. */
const nameOf = (file) =>
	file.slice(0, -ending.length).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const fileOf = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()) + ending;

async function runHere(names, quick) {
	let missed = 0;
	for (const name of names) {
		const { run } = await import(pathToFileURL(inRoot('bench', fileOf(name))).href);
		const emit = (row) => {
			if (typeof row.goal === 'number' && !(row.ratio >= row.goal)) missed += 1;
			console.log(JSON.stringify(row));
		};
		await run({ quick, emit });
	}
	if (missed > 0) {
		console.error(`${missed} goal${missed === 1 ? '' : 's'} missed`);
		process.exitCode = 1;
	}
}

await runMain(async () => {
	requireNode();
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { quick: { type: 'boolean', default: false } },
	});
	const all = readdirSync(inRoot('bench'))
		.filter((file) => file.endsWith(ending))
		.map((file) => nameOf(file))
		.sort();
	const wanted =
		positionals.length === 0
			? all
			: all.filter((name) => positionals.some((asked) => name === asked || name.startsWith(`${asked}-`)));
	const unknown = positionals.find(
		(asked) => !all.some((name) => name === asked || name.startsWith(`${asked}-`)),
	);
	if (unknown) throw new Problem(`There is no bench "${unknown}". Benches: ${all.join(', ')}.`);
	const needsHost = wanted.some((name) =>
		['webhook', 'ingest-n8n', 'gateway-webhook', 'load', 'flow', 'items', 'attack', 'documents'].includes(
			name,
		),
	);
	await prepared({ host: needsHost }, () => runHere(wanted, values.quick));
});
