// npm run docs:fields: writes docs/fields anew, the fields of all nodes and credentials as the editor shows them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import prettier from 'prettier';
import { ensure } from './ensure.mjs';
import { fieldPage, PAGES } from './lib/fieldTables.cjs';
import { onNode24 } from './lib/node24.mjs';
import { inRoot } from './lib/paths.mjs';
import { requireNode, runMain } from './lib/problem.mjs';

const require = createRequire(import.meta.url);

async function writePages() {
	mkdirSync(inRoot('docs', 'fields'), { recursive: true });
	for (const [name, source] of Object.entries(PAGES)) {
		const file = inRoot('docs', 'fields', `${name}.md`);
		const Type = require(inRoot('dist', `${source}.js`))[path.basename(source).split('.')[0]];
		const type = new Type();
		// A node has its form in a description, a credential is its own.
		const page = fieldPage(typeof type.description === 'object' ? type.description : type);
		const options = await prettier.resolveConfig(file);
		writeFileSync(file, await prettier.format(page, { ...options, filepath: file }));
	}
}

await runMain(async () => {
	requireNode();
	const { node } = await ensure({ host: false });
	await onNode24(node, writePages);
});
