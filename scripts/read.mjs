// npm run -s read -- FILE…: shows what a sync would make of files. A JSON line a file on stdout, in their order, and nothing else:
// {"file","type","title","pages","text","tables","warnings","error","seconds"}. Progress goes to stderr.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensure } from './ensure.mjs';
import { moduleOf } from '../bench/lib/modules.mjs';
import { onNode24 } from './lib/node24.mjs';
import { Problem, runMain } from './lib/problem.mjs';

/** Files that are read before their turn to be printed: the readers take two at once. */
const AHEAD = 4;

/** What became of a file. Fields that say nothing are null or empty. */
async function read(file, { inspectDocument }) {
	const started = performance.now();
	const line = {
		file,
		type: null,
		title: null,
		pages: null,
		text: '',
		tables: [],
		warnings: [],
		error: null,
	};
	try {
		const data = await readFile(file);
		const name = path.basename(file);
		const found = await inspectDocument({ source: name, file: { data, name } });
		line.type = found.kind;
		line.title = found.title ?? null;
		line.pages = pagesOf(found);
		line.text = found.text;
		line.tables = found.blocks.flatMap(({ table }) => (table ? [table.map(cellsOf)] : []));
		line.warnings = found.warnings;
	} catch (error) {
		line.error = error instanceof Error ? error.message : String(error);
	}
	line.seconds = Math.round(performance.now() - started) / 1000;
	return line;
}

const cellsOf = (row) => row.map(({ text }) => text);

/** Pages of a PDF, slides of a presentation, sheets of a workbook. */
function pagesOf({ locations = [] }) {
	const place = ['page', 'slide', 'sheet'].map((name) => locations.find(({ field }) => field === name));
	return place.find((each) => each !== undefined)?.starts.length ?? null;
}

async function print(files) {
	const ingest = moduleOf('ingest');
	const lines = [];
	for (let at = 0; at < files.length; at++) {
		for (let next = lines.length; next < Math.min(files.length, at + AHEAD); next++) {
			lines.push(read(files[next], ingest));
		}
		process.stdout.write(`${JSON.stringify(await lines[at])}\n`);
		lines[at] = undefined;
	}
}

await runMain(async () => {
	const files = process.argv.slice(2);
	if (files.length === 0) throw new Problem('Name the files to read: npm run -s read -- FILE…');
	const { node } = await ensure({ host: false });
	await onNode24(node, () => print(files));
});
