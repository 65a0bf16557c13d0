// npm run eval -- NAME [--data FOLDER] [--quick] [--json] [--write]: runs bench/NAME.eval.mjs.
// Prints its tables; with --json only lines of JSON go to stdout (npm run -s eval -- …), with --write the tables go into docs/.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Problem, requireNode, runMain } from '../scripts/lib/problem.mjs';
import { inRoot } from '../scripts/lib/paths.mjs';
import { prepared } from './lib/prepare.mjs';

const ending = '.eval.mjs';
const known = readdirSync(inRoot('bench'))
	.filter((file) => file.endsWith(ending))
	.map((file) => file.slice(0, -ending.length));

function options() {
	const flag = { type: 'boolean', default: false };
	try {
		const { values, positionals } = parseArgs({
			allowPositionals: true,
			options: { data: { type: 'string' }, quick: flag, json: flag, write: flag },
		});
		const [name] = positionals;
		if (positionals.length !== 1 || !known.includes(name)) throw new Error('Name one evaluation');
		return { name, ...values };
	} catch (error) {
		throw new Problem(
			`${error.message}. Usage: npm run eval -- NAME [--data FOLDER] [--quick] [--json] [--write], NAME one of: ${known.join(', ')}.`,
		);
	}
}

async function evaluate({ name, data, quick, json, write }) {
	// Libraries of the projects compared with may print what they like; it must not get between the lines.
	if (json) console.log = console.error;
	const { dataFolder } = await import('./lib/data.mjs');
	const { moduleOf } = await import('./lib/modules.mjs');
	const { renderIntervalChart, renderMarkdown } = moduleOf('experiment');

	await import(pathToFileURL(inRoot('bench', `${name}${ending}`)).href).then(({ run }) =>
		run({
			quick,
			/** Value of --data, for evaluations whose data have a form of their own. */
			data,
			/** Folder with documents and questions; asked for only by evaluations that need one. */
			folder: () => {
				const { folder, isSample } = dataFolder(data);
				if (write && isSample) throw new Problem('--write needs --data: the sample is too small for docs/.');
				return folder;
			},
			/** A figure in percent as a line of JSON. */
			emit: (row) => {
				if (json) process.stdout.write(`${JSON.stringify({ eval: name, ...row })}\n`);
			},
			/** Prints a table; with --write it also goes between the marks `<!-- eval:KEY -->` and `<!-- /eval:KEY -->` of the page. */
			table: (key, page, content) => {
				const markdown = renderMarkdown(content);
				if (!json) console.log(markdown);
				if (write) replaceBlock(page, key, markdown);
			},
			/** Writes a chart beside the page, and its reference between the marks. */
			chart: (key, page, content) => {
				if (!write) return;
				const file = `images/${key}.svg`;
				mkdirSync(dirname(inRoot('docs', file)), { recursive: true });
				writeFileSync(inRoot('docs', file), renderIntervalChart(content));
				replaceBlock(page, key, `![${content.title}](${file})\n`);
			},
		}),
	);
}

function replaceBlock(page, key, content) {
	const path = inRoot('docs', page);
	if (!existsSync(path))
		throw new Problem(`docs/${page} does not exist; write the page with its marks first.`);
	const before = readFileSync(path, 'utf8');
	const [open, close] = [`<!-- eval:${key} -->`, `<!-- /eval:${key} -->`];
	const [from, to] = [before.indexOf(open), before.indexOf(close)];
	if (from < 0 || to < from) throw new Problem(`docs/${page} has no place marked ${open} … ${close}.`);
	writeFileSync(path, `${before.slice(0, from + open.length)}\n\n${content}\n${before.slice(to)}`);
}

await runMain(async () => {
	requireNode();
	const given = options();
	await prepared({ peers: 'wanted' }, async () => {
		try {
			await evaluate(given);
		} catch (error) {
			// Data that do not fit are no bug: the sentence is enough.
			if (error.name !== 'EvaluationError') throw error;
			throw new Problem(error.message, { cause: error });
		}
	});
});
