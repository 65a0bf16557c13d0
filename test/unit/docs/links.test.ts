// Pages that name each other, and the files that they name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');

const pages = [
	'README.md',
	'CONTRIBUTING.md',
	'workflows/README.md',
	...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.md'))
		.map((file) => path.join('docs', file)),
];

describe('links between the pages', () => {
	it.each(pages)('of %s lead to files that are there', (file) => {
		const text = readFileSync(path.join(root, file), 'utf8');
		const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
			.map(([, target = '']) => target)
			.filter((target) => !/^[a-z]+:/.test(target));
		const missing = targets.filter(
			(target) => !existsSync(path.join(root, path.dirname(file), decodeURIComponent(target))),
		);
		expect(missing).toEqual([]);
	});
});

describe('pictures', () => {
	const folder = path.join('docs', 'screenshots');
	const pictures = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => /\.(png|gif)$/.test(file))
		.map((file) => path.join(folder, file));
	const shownBy = (page: string) =>
		[...readFileSync(path.join(root, page), 'utf8').matchAll(/!?\[[^\]]*\]\(([^)\s]+\.(?:png|gif))\)/g)].map(
			([, target = '']) => path.join(path.dirname(page), target),
		);

	it('are each shown on a page', () => {
		const shown = new Set(pages.flatMap(shownBy));
		expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
	});

	it.each(nodePages())('%s shows its node', (page) => {
		expect(shownBy(page).length).toBeGreaterThan(0);
	});

	/** The pages that README lists under "Nodes", but for those that are about more than one. */
	function nodePages(): string[] {
		const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
		const line = /^\*\*Nodes\*\*: (.*)$/m.exec(readme)?.[1] ?? '';
		const listed = [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, page = '']) => page);
		return [...listed.filter((page) => page !== 'docs/items.md'), 'docs/reports.md'];
	}
});
