// Whoever tries a question that a page proposes gets the right answer: test/integration/knowledgeBase.test.ts asks all of the samples'.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sampleFiles, sampleQuestions } from '../../../host/samples.cjs';

const root = path.join(__dirname, '..', '..', '..');
const known = sampleQuestions().map(({ question }) => question);
const pages = [
	'README.md',
	'workflows/README.md',
	...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.md') && file !== 'error-messages.md')
		.map((file) => path.join('docs', file)),
];
const templates = readdirSync(path.join(root, 'workflows'))
	.filter((file) => file.endsWith('.json'))
	.map((file) => path.join('workflows', file));
const readJson = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
/** One asks an engine, not the documents; the others are shown as continuing a question, and mean nothing by themselves. */
const otherQuestions = new Set(['How do I clean a chain?', 'and for used ones?', 'and the second one?']);

it.each(pages)('%s proposes only questions that the samples answer', (file) => {
	expect(unknownQuestions(readFileSync(path.join(root, file), 'utf8'))).toEqual([]);
});

it.each(templates)('the note of %s proposes only questions that the samples answer', (file) => {
	const { nodes } = readJson(file) as { nodes: Array<{ parameters: { content?: string } }> };
	expect(nodes.flatMap(({ parameters }) => unknownQuestions(parameters.content ?? ''))).toEqual([]);
});

/** Questions to try: in the body of a call, or between quotation marks. */
function unknownQuestions(text: string): string[] {
	return [...text.matchAll(/["“]([^"“”\n]{8,120}\?)["”]/g)]
		.map(([, question = '']) => question)
		.filter((question) => !known.includes(question) && !otherQuestions.has(question));
}

it('README shows the question of npm start', () => {
	expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(`"question": "${known[0]}"`);
});

it('each sample file answers a question, or is one of the three that the templates pin', () => {
	const answered = new Set(sampleQuestions().map(({ source }) => source));
	expect(sampleFiles().filter((name) => !answered.has(name))).toEqual(['shipping.md', 'warranty.md']);
});
