// Words that stood in the docs once and that nobody understands at the first reading.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const pages = [
	'README.md',
	'workflows/README.md',
	'workflows/samples/README.md',
	...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.md') && !/^(fields|error-messages|third-party)/.test(file))
		.map((file) => path.join('docs', file)),
];
const notes = readdirSync(path.join(root, 'workflows'))
	.filter((file) => file.endsWith('.json'))
	.map((file) => path.join('workflows', file));

const unclear = [
	/\b(?:own|the|of the) house\b/,
	/\bmirror image\b/,
	/\bstands? in for\b/,
	/\bmust not part\b/,
	/\bis told apart\b/,
	/\bthe premises\b/i,
	/\bbutton \*\*Test\*\*|press \*\*Test\*\*/i,
	/\bcut anew\b/,
];

it.each(pages)('%s is written in plain words', (file) => {
	const text = readFileSync(path.join(root, file), 'utf8');
	expect(unclear.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])).toEqual([]);
});

it.each(notes)('the note of %s is written in plain words', (file) => {
	const { nodes } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as {
		nodes: Array<{ type: string; parameters: { content?: string } }>;
	};
	const text = nodes.map(({ parameters }) => parameters.content ?? '').join('\n');
	expect(text.length).toBeGreaterThan(100);
	expect(unclear.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])).toEqual([]);
});

/** Turns of phrase that stood in the forms once: no verb, a riddle, or a gentle word for a known one. */
const unclearInForms = [
	...unclear,
	/\bUpper bound\b/,
	/\bWhat becomes\b/,
	/(?:; empty|; none|\bEmpty|Without this option):/,
	/\b(?:Look after|Most|At Once)\b/,
	/\bfor (?:good|ever)\b/,
	/\b(?:anew|borders?|beside|fits? best)\b/,
	/\bmust not suffer\b/,
	/\bone (?:call|item) a\b/,
];
const forms = readdirSync(path.join(root, 'docs', 'fields')).filter((file) => file.endsWith('.md'));

it.each(forms)('the form of %s is written in plain words', (file) => {
	const text = readFileSync(path.join(root, 'docs', 'fields', file), 'utf8');
	expect(text.length).toBeGreaterThan(300);
	expect(unclearInForms.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])).toEqual([]);
});
