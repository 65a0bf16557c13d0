// npm run docs:clients: writes the table of docs/guides/clients.md, which client is tested with which call, from the list that
// the tests themselves must keep to (test/support/clients/table.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { inRoot } from './lib/paths.mjs';

const file = inRoot('docs', 'guides', 'clients.md');
// Node reads TypeScript by itself.
const { clientsTable, TABLE_IN } = await import(
	pathToFileURL(inRoot('test', 'support', 'clients', 'table.ts')).href
);
const page = readFileSync(file, 'utf8').replace(
	TABLE_IN,
	(_, begin, end) => `${begin}\n${clientsTable()}\n${end}`,
);
writeFileSync(file, await prettier.format(page, { ...(await prettier.resolveConfig(file)), filepath: file }));
