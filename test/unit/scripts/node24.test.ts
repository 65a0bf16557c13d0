// A clone may be started on Node 20; what loads the built pack must then go on in the Node that npm brought.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const files = ['scripts', 'bench'].flatMap((folder) =>
	readdirSync(path.join(root, folder))
		.filter((name) => name.endsWith('.mjs'))
		.map((name) => path.join(folder, name)),
);
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');
/** Scripts of their own: benches and evaluations are loaded by run.mjs and eval.mjs. */
const started = files.filter((file) => /\brunMain\(/.test(text(file)));
const loadsPack = (file: string) => /moduleOf\(|inRoot\('dist'/.test(text(file));

it('finds the scripts that load the built pack', () => {
	expect(started.filter(loadsPack).map((file) => path.basename(file))).toEqual(
		expect.arrayContaining(['start.mjs', 'read.mjs', 'fieldTables.mjs', 'eval.mjs']),
	);
});

it.each(started.filter(loadsPack))('%s goes on in Node 24', (file) => {
	expect(text(file)).toMatch(/await (?:onNode24|prepared)\(/);
});
