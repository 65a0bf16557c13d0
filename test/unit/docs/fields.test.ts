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

/** The form in a file of a node or a credential. */
function formOf(source: string): Form {
	const className = path.basename(source).split('.')[0] ?? '';
	const module = jest.requireActual<Record<string, new () => Form | { description: Form }>>(
		path.join(root, `${source}.ts`),
	);
	const Type = module[className];
	if (!Type) throw new Error(`${source} exports no ${className}`);
	const type = new Type();
	return 'properties' in type ? type : type.description;
}

/** The labels of all fields that people can fill in, those inside of collections too; an agent's tool has a form of its own. */
const labelsOf = (fields: readonly INodeProperties[]): string[] =>
	fields
		.filter(
			({ type, name }) =>
				!['hidden', 'notice', 'credentials', 'credentialsSelect'].includes(type) &&
				!['resource', 'operation'].includes(name),
		)
		.filter(({ displayOptions }) => !displayOptions?.show?.['@tool'])
		.flatMap(({ type, displayName, options = [] }) => {
			const inner = options.flatMap((option) =>
				'values' in option ? option.values : 'type' in option ? [option] : [],
			);
			return [...(type === 'collection' ? [] : [displayName]), ...labelsOf(inner)];
		});

describe('docs/fields', () => {
	it.each(Object.entries(PAGES))('%s shows the fields of %s', (name, source) => {
		const file = path.join(root, 'docs', 'fields', `${name}.md`);
		expect(bare(readFileSync(file, 'utf8'))).toBe(bare(fieldPage(formOf(source))));
	});

	it.each(Object.entries(PAGES))('%s leaves out no field of %s', (name, source) => {
		const page = bare(readFileSync(path.join(root, 'docs', 'fields', `${name}.md`), 'utf8'));
		const missing = labelsOf(formOf(source).properties).filter((label) => !page.includes(`${bare(label)} |`));
		expect(missing).toEqual([]);
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
