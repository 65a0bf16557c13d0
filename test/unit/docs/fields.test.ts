// docs/fields shows the forms as they are: `npm run docs:fields` writes it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { fieldPage, PAGES } from '../../../scripts/lib/fieldTables.cjs';

const root = path.join(__dirname, '..', '..', '..');

interface Form {
	displayName: string;
	properties: INodeProperties[];
}

/** Without what prettier changes in a page: the width of columns, and characters that it escapes. */
const bare = (page: string): string => page.replaceAll(/[\s\\]+/g, ' ').replaceAll(/-+/g, '-');

describe('docs/fields', () => {
	it.each(Object.entries(PAGES))('%s shows the fields of %s', (name, source) => {
		const className = path.basename(source).split('.')[0] ?? '';
		const module = jest.requireActual<Record<string, new () => Form | { description: Form }>>(
			path.join(root, `${source}.ts`),
		);
		const Type = module[className];
		if (!Type) throw new Error(`${source} exports no ${className}`);
		const type = new Type();
		const file = path.join(root, 'docs', 'fields', `${name}.md`);
		const form = 'properties' in type ? type : type.description;
		expect(bare(readFileSync(file, 'utf8'))).toBe(bare(fieldPage(form)));
	});

	it('has a page for each node and each credential', () => {
		const { n8n } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
			n8n: { nodes: string[]; credentials: string[] };
		};
		const built = [...n8n.nodes, ...n8n.credentials].map((file) => file.slice('dist/'.length, -'.js'.length));
		expect(Object.values(PAGES).sort()).toEqual(built.sort());
		expect(readdirSync(path.join(root, 'docs', 'fields')).sort()).toEqual(
			Object.keys(PAGES)
				.map((name) => `${name}.md`)
				.sort(),
		);
	});
});
