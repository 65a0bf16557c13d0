// The documents of a made-up company that `npm start` stores, and questions that they answer; tests and benchmarks use them too.
const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', 'workflows', 'samples');
/** @type {Record<string, string>} */
const MIME_TYPES = {
	'.csv': 'text/csv',
	'.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
	'.eml': 'message/rfc822',
	'.md': 'text/markdown',
	'.pdf': 'application/pdf',
};

/**
 * A question, words of the right answer, and the file (and its page) where they stand.
 * @typedef {{ question: string, answer: string, source: string, page?: number }} SampleQuestion
 */

/** The first question is the one that `npm start` asks. @returns {SampleQuestion[]} */
function sampleQuestions() {
	return JSON.parse(readFileSync(path.join(folder, 'questions.json'), 'utf8'));
}

/** File names of the documents; the one that answers the first question comes first. */
function sampleFiles() {
	const first = sampleQuestions()[0]?.source;
	return readdirSync(folder)
		.filter((name) => path.extname(name) in MIME_TYPES && name !== 'README.md')
		.sort((a, b) => Number(b === first) - Number(a === first) || (a < b ? -1 : 1));
}

/** Where a sample lies. @param {string} name */
const sampleFile = (name) => path.join(folder, name);

/** A sample as the upload of a file. @param {string} name */
function sampleUpload(name) {
	const form = new FormData();
	const type = MIME_TYPES[path.extname(name)];
	form.append('file', new Blob([readFileSync(sampleFile(name))], { type }), name);
	return form;
}

module.exports = { sampleFile, sampleFiles, sampleQuestions, sampleUpload };
