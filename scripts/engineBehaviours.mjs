// npm run docs:engines: writes the tables of docs/engine-behaviour.md, what engines say and what the client makes of it, from the
// list that the tests run cell by cell (test/support/engines/matrix.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { inRoot } from './lib/paths.mjs';

const file = inRoot('docs', 'engine-behaviour.md');
// Node reads TypeScript by itself.
const { matrixTable, MATRIX_IN } = await import(
	pathToFileURL(inRoot('test', 'support', 'engines', 'matrix.ts')).href
);
const page = readFileSync(file, 'utf8').replace(
	MATRIX_IN,
	(_, begin, end) => `${begin}\n\n${matrixTable()}\n\n${end}`,
);
writeFileSync(file, await prettier.format(page, { ...(await prettier.resolveConfig(file)), filepath: file }));
