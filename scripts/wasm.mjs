// `npm run wasm`: assembles the .wat files of lib/embedding, each into the code.ts beside it. Only needed when one of them changes.
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';

const FILES = [
	['fast/rows/', 'sumRows.wat', 'SUM_ROWS'],
	['encoder/transformer/', 'layers.wat', 'LAYERS'],
];

const { parseWat } = await wabt();
for (const [path, name, constant] of FILES) {
	const folder = new URL(`../lib/embedding/${path}`, import.meta.url);
	const { buffer } = parseWat(name, await readFile(new URL(name, folder), 'utf8'), { simd: true }).toBinary(
		{},
	);
	await writeFile(
		new URL('code.ts', folder),
		`/** ${name}, assembled by \`npm run wasm\`; a test compares the two. */
export const ${constant} =
	'${Buffer.from(buffer).toString('base64')}';
`,
	);
}
