// The page that people search by error: no kind of error that the code knows may be missing there, and none may be left over.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const page = readFileSync(path.join(root, 'docs', 'troubleshooting.md'), 'utf8');

const headings: Record<string, string> = {
	engine: 'Engines',
	gateway: 'Engine Gateway',
	embedding: 'Embedding',
	chunking: 'Chunking',
	vectorIndex: 'Vector index',
	documents: 'Documents',
	ingest: 'Ingest',
	distillation: 'Distillation',
	answering: 'Cited answers',
	evaluation: 'Evaluation',
	experiment: 'Experiments',
	spaces: 'Spaces',
};

/** Kinds as a module's errors.ts lists them: a union of strings, or a list that the union is made of. */
function kindsOf(module: string): string[] {
	const source = readFileSync(path.join(root, 'lib', module, 'errors.ts'), 'utf8');
	const list =
		/ErrorKind =\s*((?:\|?\s*'\w+'\s*)+);/.exec(source)?.[1] ?? /_KINDS = \[([^\]]+)\]/.exec(source)?.[1];
	return [...(list ?? '').matchAll(/'(\w+)'/g)].map(([, kind = '']) => kind);
}

/** Kinds that a section of the page explains, each with a cause and a remedy. */
function explainedIn(heading: string): string[] {
	const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
	return [...section.matchAll(/^\| `(\w+)`\s*\| ([^|]+)\| ([^|]+)\|$/gm)]
		.filter(([, , cause = '', remedy = '']) => cause.trim().length > 10 && remedy.trim().length > 5)
		.map(([, kind = '']) => kind);
}

const modules = readdirSync(path.join(root, 'lib')).filter((module) =>
	existsSync(path.join(root, 'lib', module, 'errors.ts')),
);

describe('docs/troubleshooting.md', () => {
	it('begins with what people see after an update', () => {
		const [first = ''] = [...page.matchAll(/^## .*$/gm)].map(([heading]) => heading);
		expect(first).toBe('## All nodes are gone after an update');
		expect(page.slice(page.indexOf(first), page.indexOf('## Find your error'))).toContain(
			'N8N_UNVERIFIED_PACKAGES_ENABLED=true',
		);
	});

	it('explains the kinds of the installation', () => {
		const source = readFileSync(path.join(root, 'lib', 'support', 'packFiles.ts'), 'utf8');
		const kinds = /LocalEngineError<([^>]+)>/.exec(source)?.[1]?.match(/\w+/g) ?? [];
		expect(kinds.length).toBeGreaterThan(1);
		expect(explainedIn('Installation of the pack').sort()).toEqual([...kinds].sort());
	});

	it('has a section for every module that throws', () => {
		expect(modules.filter((module) => module !== 'support').sort()).toEqual(Object.keys(headings).sort());
	});

	it.each(Object.entries(headings))('explains exactly the kinds of lib/%s', (module, heading) => {
		const kinds = kindsOf(module);
		expect(kinds.length).toBeGreaterThan(1);
		expect(explainedIn(heading).sort()).toEqual([...kinds].sort());
	});
});
