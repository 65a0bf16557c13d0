// The picture of the modules: DESIGN.md, CONTRIBUTING.md and the rules that hold it must tell the same.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Rules {
	readonly forbidden: ReadonlyArray<{ readonly name: string; readonly comment?: string }>;
}

type Arrows = Record<string, string[]>;

/** What each module may import besides support, by the rules of dependency-cruiser. */
function ofRules(): Arrows {
	const { forbidden } = jest.requireActual<Rules>(path.join(root, '.dependency-cruiser.cjs'));
	return Object.fromEntries(
		forbidden.flatMap(({ comment = '' }) => {
			const [, name, allowed] = /^lib\/(\w+) may import support(?:, )?(.*) only$/.exec(comment) ?? [];
			return name === undefined ? [] : [[name, listOf(allowed, ', ')]];
		}),
	);
}

const listOf = (text: string | undefined, separator: string): string[] =>
	(text ?? '')
		.split(separator)
		.map((name) => name.trim())
		.filter((name) => name !== '' && name !== '–')
		.sort();

/** The same by the table "Modules" of CONTRIBUTING.md. */
function ofTable(): Arrows {
	const [, section = ''] = read('CONTRIBUTING.md').split('\n## Modules\n');
	const [table = ''] = section.split('\n## ');
	return Object.fromEntries(
		[...table.matchAll(/^\| `(\w+)` *\| ([^|]*)\|/gm)].map(([, name, allowed]) => [
			name,
			listOf(allowed, ','),
		]),
	);
}

/** The same by the drawing of DESIGN.md, which leaves out modules without an arrow. */
function ofDrawing(): Arrows {
	return Object.fromEntries(
		[...read('DESIGN.md').matchAll(/^ {2}(\w+) --> (.+)$/gm)].map(([, name, allowed]) => [
			name,
			listOf(allowed, '&'),
		]),
	);
}

const modules = readdirSync(path.join(root, 'lib'));

describe('the modules of lib', () => {
	it('stand in the table of CONTRIBUTING.md with the arrows of the rules', () => {
		expect(ofTable()).toEqual(ofRules());
		expect(Object.keys(ofTable()).sort()).toEqual([...modules].sort());
	});

	it('are drawn in DESIGN.md with the same arrows', () => {
		const { nodes = [], ...drawn } = ofDrawing();
		const withArrows = Object.entries(ofRules()).filter(([, allowed]) => allowed.length > 0);
		expect(drawn).toEqual(Object.fromEntries(withArrows));
		const imported = new Set(Object.values(drawn).flat());
		expect(nodes).toEqual(
			modules
				.filter((name) => name !== 'support' && !imported.has(name))
				.concat(['experiment'])
				.sort(),
		);
	});

	it.each(modules)('%s has a paragraph and a drawing in DESIGN.md', (name) => {
		const [, section = ''] = read('DESIGN.md').split(`\n### ${name}\n`);
		const [own = ''] = section.split('\n## ').map((part) => part.split('\n### ')[0] ?? '');
		expect(own.length).toBeGreaterThan(200);
		expect(own).toMatch(/\n```\n[^`]+\n```\n/);
	});
});

describe('the table of changes in CONTRIBUTING.md', () => {
	const [, section = ''] = read('CONTRIBUTING.md').split('\n## Where does a change go?\n');
	const [table = ''] = section.split('\n## ');
	/** Paths in backticks; a name in capitals or angle brackets stands for any. */
	const named = [...table.matchAll(/`([\w.-]+\/[\w./<>-]*)`/g)].map(([, file = '']) => file);
	const places = named.filter((file) => !/NAME|</.test(file));

	it('names places that are there', () => {
		expect(places.length).toBeGreaterThan(15);
		const missing = places.filter((file) => !existsSync(path.join(root, file)));
		expect(missing).toEqual([]);
	});
});
