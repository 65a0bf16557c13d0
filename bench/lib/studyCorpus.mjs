// The two documents and 220 questions of test/fixtures/chunking-eval (from the Chroma chunking study, MIT).
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { moduleOf, root } from './modules.mjs';

const folder = `${root}test/fixtures/chunking-eval/`;

/** @returns {{ texts: Map<string, string>, questions: object[] }} */
export function loadStudy() {
	const texts = new Map(
		['state_of_the_union', 'wikitexts'].map((name) => [name, readFileSync(`${folder}${name}.md`, 'utf8')]),
	);
	const rows = parse(readFileSync(`${folder}questions.csv`), { columns: true });
	return { texts, questions: moduleOf('evaluation').readQuestions(rows, texts) };
}

/** All chunks of all texts under one set of chunking options, with source and an id. */
export async function chunkStudy(texts, options, services) {
	const { chunk } = moduleOf('chunking');
	const chunks = [];
	for (const [source, text] of texts)
		for await (const { start, end, text: part, headings, context } of chunk(text, options, services))
			chunks.push({ id: `${source}:${start}-${end}`, source, start, end, text: part, headings, context });
	return chunks;
}
