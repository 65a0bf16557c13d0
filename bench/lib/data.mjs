// Documents and questions for evaluations: a folder of `*.md` files and a `questions.csv` in the form of the Chroma study
// ("Evaluating Chunking Strategies for Retrieval"). None of it is part of the repository but a small sample.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Problem } from '../../scripts/lib/problem.mjs';
import { moduleOf, root } from './modules.mjs';

/** Two documents of the study, 220 questions; beside a checkout for development. */
const STUDY = `${root}../shared/data/chunking-eval`;
/** Enough to see that everything works, too little to compare anything. */
const SAMPLE = `${root}test/fixtures/retrieval`;

/** The folder an evaluation reads. `isSample`: its figures say nothing. @param {string | undefined} given value of --data */
export function dataFolder(given) {
	const folder = given === undefined ? (existsSync(STUDY) ? STUDY : SAMPLE) : resolve(given);
	const form =
		'--data must name a folder with *.md files and a questions.csv (question, references, corpus_id)';
	if (!existsSync(folder)) throw new Problem(`There is no folder ${folder}. ${form}.`);
	if (!existsSync(`${folder}/questions.csv`))
		throw new Problem(`There is no questions.csv in ${folder}. ${form}.`);
	if (documentsOf(folder).length === 0) throw new Problem(`There is no *.md file in ${folder}. ${form}.`);
	if (folder === SAMPLE)
		console.error(
			'These are the 60 questions of test/fixtures/retrieval, too few to compare anything. Name a larger set with --data.',
		);
	return { folder, isSample: folder === SAMPLE };
}

/**
 * Texts by name (without .md), and the questions with the places that answer them, verbatim copies included.
 * @param {string} folder @returns {{ texts: Map<string, string>, questions: object[] }}
 */
export function loadData(folder) {
	const texts = new Map(
		documentsOf(folder).map((file) => [
			file.slice(0, -'.md'.length),
			readFileSync(`${folder}/${file}`, 'utf8'),
		]),
	);
	const rows = readRows(`${folder}/questions.csv`);
	const { readQuestions, withCopies } = moduleOf('evaluation');
	return { texts, questions: withCopies(readQuestions(rows, texts), texts) };
}

const documentsOf = (folder) =>
	readdirSync(folder)
		.filter((file) => file.endsWith('.md') && file !== 'README.md')
		.sort();

function readRows(file) {
	let rows;
	try {
		rows = parse(readFileSync(file), { columns: true, bom: true });
	} catch (error) {
		throw new Problem(`${file} is not valid CSV: ${error.message}`);
	}
	const missing = ['question', 'references', 'corpus_id'].find((column) => !(column in (rows[0] ?? {})));
	if (rows.length === 0) throw new Problem(`${file} contains no question.`);
	if (missing) throw new Problem(`${file} has no column "${missing}".`);
	return rows;
}

/** Name of the document a question was asked about. */
export const corpusOf = ({ passages }) => passages[0].source;
