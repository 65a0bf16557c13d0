// The table of modules that people read and the rules that the boundaries are checked by say the same.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import boundaries from '../../../.dependency-cruiser.cjs';

const root = path.join(__dirname, '..', '..', '..');
const page = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8');

const told = new Map(
	[...page.matchAll(/^\| `(\w+)`\s+\| ([\w, –]+?)\s+\| [^|]+\|$/gm)].map(([, name = '', list = '']) => [
		name,
		list === '–' ? [] : list.split(', ').sort(),
	]),
);

describe('the modules of lib', () => {
	it('are all in the table', () => {
		expect([...told.keys()].sort()).toEqual(readdirSync(path.join(root, 'lib')).sort());
	});

	it.each([...told])('%s may import what the table says', (name, allowed) => {
		expect(held(name).sort()).toEqual(allowed);
	});
});

/** What the rule lets a module import besides itself and support. */
function held(name: string): string[] {
	const rule = boundaries.forbidden.find((each) => each.name === `lib-${name}`);
	const list = /\((.+)\)/.exec(String(rule?.to.pathNot))?.[1] ?? '';
	return list.split('|').filter((each) => each !== name && each !== 'support');
}
