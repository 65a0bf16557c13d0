// `npm run wasm`: assembles lib/embedding/fast/rows/sumRows.wat into code.ts. Only needed when the .wat changes.
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';

const folder = new URL('../lib/embedding/fast/rows/', import.meta.url);
const source = await readFile(new URL('sumRows.wat', folder), 'utf8');
const { buffer } = (await wabt()).parseWat('sumRows.wat', source, { simd: true }).toBinary({});
await writeFile(
	new URL('code.ts', folder),
	`/** sumRows.wat, assembled by \`npm run wasm\`; a test compares the two. */
export const SUM_ROWS =
	'${Buffer.from(buffer).toString('base64')}';
`,
);
