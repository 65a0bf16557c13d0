// npm run eval -- NAME [--quick] [--write]: runs bench/NAME.eval.mjs, prints its tables, and with --write puts them into docs/.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleOf, root } from './lib/modules.mjs';

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const known = readdirSync(`${root}bench`)
	.filter((file) => file.endsWith('.eval.mjs'))
	.map((file) => file.replace('.eval.mjs', ''));
const [name] = names;
if (names.length !== 1 || !known.includes(name)) {
	console.error(`usage: npm run eval -- NAME [--quick] [--write], NAME one of: ${known.join(', ')}`);
	process.exit(2);
}
const write = process.argv.includes('--write');
const { renderIntervalChart, renderMarkdown } = moduleOf('experiment');

/** Prints a table; with --write it also goes between the marks `<!-- eval:KEY -->` and `<!-- /eval:KEY -->` of the page. */
function table(key, page, data) {
	const markdown = renderMarkdown(data);
	console.log(markdown);
	if (write) replaceBlock(page, key, markdown);
}

/** Writes a chart beside the page, and its reference between the marks. */
function chart(key, page, data) {
	if (!write) return;
	const file = `images/${key}.svg`;
	mkdirSync(dirname(`${root}docs/${file}`), { recursive: true });
	writeFileSync(`${root}docs/${file}`, renderIntervalChart(data));
	replaceBlock(page, key, `![${data.title}](${file})\n`);
}

function replaceBlock(page, key, content) {
	const path = `${root}docs/${page}`;
	if (!existsSync(path)) throw new Error(`docs/${page} does not exist; write the page with its marks first.`);
	const before = readFileSync(path, 'utf8');
	const [open, close] = [`<!-- eval:${key} -->`, `<!-- /eval:${key} -->`];
	const [from, to] = [before.indexOf(open), before.indexOf(close)];
	if (from < 0 || to < from) throw new Error(`docs/${page} has no place marked ${open} … ${close}.`);
	writeFileSync(path, `${before.slice(0, from + open.length)}\n\n${content}\n${before.slice(to)}`);
}

const { run } = await import(pathToFileURL(`${root}bench/${name}.eval.mjs`).href);
await run({ quick: process.argv.includes('--quick'), table, chart });
