// The table that `npm test` runs: an entry that names nothing would be a part that passes without a test.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { NEEDS } from '../../../scripts/lib/needs.mjs';
import { PARTS } from '../../../scripts/lib/parts.mjs';

interface Part {
	readonly title: string;
	readonly long?: boolean;
	readonly program?: string;
	readonly suite?: string;
	readonly files?: readonly string[];
	readonly needs?: readonly string[];
}

const root = path.join(__dirname, '..', '..', '..');
const parts = Object.entries(PARTS as Record<string, Part>);
const tests = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
	.map((file) => `test/${file.replaceAll('\\', '/')}`)
	.filter((file) => file.endsWith('.test.ts'));

describe('the parts of npm test', () => {
	it.each(parts)('%s is a program that exists, or a suite with tests for each of its patterns', (_, part) => {
		if (part.program) {
			expect(existsSync(path.join(root, part.program))).toBe(true);
			return;
		}
		const ofSuite = tests.filter((file) => file.startsWith(`test/${part.suite}/`));
		for (const pattern of part.files ?? [''])
			expect(ofSuite.filter((file) => new RegExp(pattern).test(file))).not.toEqual([]);
	});

	it('need only what scripts/lib/needs.mjs can get', () => {
		const needed = new Set(parts.flatMap(([, { needs = [] }]) => needs));
		expect([...needed].filter((need) => !Object.hasOwn(NEEDS, need))).toEqual([]);
	});

	it('leave no file of test/long out', () => {
		const patterns = parts.flatMap(([, { suite, files }]) => (suite === 'long' ? (files ?? []) : []));
		const left = tests.filter(
			(file) => file.startsWith('test/long/') && !patterns.some((pattern) => new RegExp(pattern).test(file)),
		);
		expect(left).toEqual([]);
	});

	it('run short and long ones apart: what is long has a suite', () => {
		expect(parts.filter(([, { long, suite }]) => long && !suite)).toEqual([]);
	});
});
