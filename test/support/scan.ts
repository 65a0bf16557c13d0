// n8n's scan of community packages (scripts/scan.mjs), and what docs/dependencies.md says about it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

/** Names of the rules that are broken, in the sources or in the folder of an unpacked tarball. */
export function scan(packed?: string): string[] {
	const program = path.join(root, 'scripts', 'scan.mjs');
	const printed = execFileSync(process.execPath, [program, ...(packed ? ['--packed', packed] : [])], {
		encoding: 'utf8',
		cwd: root,
		// under jest's NODE_ENV some rules take every file for one of their own tests
		env: { ...process.env, NODE_ENV: 'production' },
		maxBuffer: 1 << 26,
	});
	const rules = printed
		.split('\n')
		.filter((line) => line.startsWith('{'))
		.map((line) => (JSON.parse(line) as { rule: string }).rule.replace(/^.*\//, ''));
	return [...new Set(rules)].sort();
}

/** The rules that the table explains for this part; package.json is in both. */
export function explainedFindings(part: 'sources' | 'tarball'): string[] {
	const [, section = ''] = readFileSync(path.join(root, 'docs', 'dependencies.md'), 'utf8').split(
		"## What n8n's scan finds",
	);
	return section
		.split('\n## ', 1)[0]
		?.split('\n')
		.map((row) => row.split('|'))
		.filter(([, , where = '']) => where.includes(part) || where.includes('package.json'))
		.flatMap(([, rules = '']) => [...rules.matchAll(/`([\w-]+)`/g)].map(([, rule = '']) => rule))
		.sort() as string[];
}
