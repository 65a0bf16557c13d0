// The tables of docs/engine-behaviour.md are those that the tests run: `npm run docs:engines` writes them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MATRIX_IN, matrixTable } from '../../support/engines/matrix';

/** Without what prettier changes: the width of columns, and the ticks and blanks around code. */
const bare = (text: string): string => text.replaceAll(/[`\s]/g, '').replaceAll(/-+/g, '-');

it('the tables are those of the tests', () => {
	const page = readFileSync(path.join(__dirname, '../../../docs/engine-behaviour.md'), 'utf8');
	const [whole = '', begin = '', end = ''] = MATRIX_IN.exec(page) ?? [];
	expect(bare(whole.slice(begin.length, -end.length))).toBe(bare(matrixTable()));
});
