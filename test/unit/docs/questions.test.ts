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
/** Asks an engine, not the documents. */
const otherQuestions = new Set(['How do I clean a chain?']);

it.each(pages)('%s proposes only questions that the samples answer', (file) => {
	const text = readFileSync(path.join(root, file), 'utf8');
	const proposed = [...text.matchAll(/"question":\s*"([^"]+)"/g)].map(([, question = '']) => question);
	expect(proposed.filter((question) => !known.includes(question) && !otherQuestions.has(question))).toEqual(
		[],
	);
});

it('README shows the question of npm start', () => {
	expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(`"question": "${known[0]}"`);
});

it('each sample file answers a question, or is one of the three that the templates pin', () => {
	const answered = new Set(sampleQuestions().map(({ source }) => source));
	expect(sampleFiles().filter((name) => !answered.has(name))).toEqual(['shipping.md', 'warranty.md']);
});
