import { readdirSync, readFileSync } from 'node:fs';
import { root } from './modules.mjs';

/** Prose that every checkout has, for benches that need some to work on: this project's pages as one Markdown text. */
export function ownText() {
	const pages = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.sort();
	return pages.map((name) => readFileSync(`${root}docs/${name}`, 'utf8')).join('\n\n');
}
