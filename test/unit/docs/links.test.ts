// Pages that name each other, and the files that they name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');

describe('links between the pages', () => {
	const pages = [
		'README.md',
		'CONTRIBUTING.md',
		'workflows/README.md',
		...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
			.filter((file) => file.endsWith('.md'))
			.map((file) => path.join('docs', file)),
	];

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
