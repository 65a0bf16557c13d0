// The table of docs/guides/clients.md is what the conformance tests run: `npm run docs:clients` writes it, and each client of the
// table has its test where the table says.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CLIENTS, clientsOf, clientsTable, TABLE_IN, type Client } from '../../support/clients/table';

const root = path.join(__dirname, '..', '..', '..');
const page = readFileSync(path.join(root, 'docs', 'guides', 'clients.md'), 'utf8');
/** Without what prettier changes: the width of columns. */
const bare = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/-+/g, '-').trim();
const sources = (...folder: string[]): string =>
	readdirSync(path.join(root, 'test', ...folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.test.ts'))
		.map((file) => readFileSync(path.join(root, 'test', ...folder, file), 'utf8'))
		.join('\n');

it('the table is that of the tests', () => {
	const [, , end] = TABLE_IN.exec(page) ?? [];
	const written = page.slice(page.indexOf('-->') + 3, page.indexOf(end ?? ''));
	expect(bare(written)).toBe(bare(clientsTable()));
});

it.each(Object.values<Client>(CLIENTS))('$name has a section', ({ anchor }) => {
	const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
		heading.toLowerCase().replaceAll(' ', '-'),
	);
	expect(headings).toContain(anchor);
});

it.each([
	['test', sources('integration', 'gateway')],
	['clients', sources('long', 'clients')],
	['n8n', sources('integration', 'gateway')],
] as const)('each client of “%s” has its test there', (where, text) => {
	const missing = clientsOf(where).filter((id) => !new RegExp(`\\b${id}\\b`).test(text));
	expect(missing).toEqual([]);
});
