import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LocalEngineApi } from '../../../credentials/LocalEngineApi.credentials';
import { dialectTable, type Dialect, type Feature } from '../../../lib/engine';

/** Columns and rows of the table in docs/engines.md, as the client calls them. */
const COLUMNS: { readonly [title: string]: Dialect } = {
	Ollama: 'ollama',
	'llama.cpp': 'llamacpp',
	'LM Studio': 'lmstudio',
	vLLM: 'vllm',
	SGLang: 'sglang',
	'TensorRT-LLM': 'tensorrt',
	'NIM, Dynamo': 'nim',
	TEI: 'tei',
	LocalAI: 'localai',
	FreeLLMAPI: 'freellmapi',
	'OpenAI-compatible': 'openai',
};
const ROWS: { readonly [title: string]: readonly Feature[] } = {
	'chat, streamed': ['chat'],
	tools: ['tools'],
	'a tool required or named': ['toolChoice'],
	'images in messages': ['images'],
	'images by URL': ['imageUrls'],
	JSON: ['json'],
	'JSON schema': ['jsonSchema'],
	'pattern (regex)': ['regex'],
	'one of these (choice)': ['choice'],
	grammar: ['grammar'],
	'log-probabilities': ['logprobs'],
	seed: ['seed'],
	'stop words': ['stop'],
	'thinking on and off': ['reasoningSwitch'],
	'thinking low, medium, high': ['reasoningEffort'],
	'keep-alive, context size': ['keepAlive', 'contextSize'],
	embeddings: ['embed'],
	reranking: ['rerank'],
	transcription: ['transcribe'],
	'token vectors (late chunking)': ['tokenVectors'],
	'queue figures': ['queueFigures'],
	'tokens of a prompt counted': ['countTokens'],
	'download a model': ['pull'],
	'load, unload': ['load', 'unload'],
};
/** Servers that were recorded; the last one is Ollama through its OpenAI route. */
const SEEN: readonly Dialect[] = ['ollama', 'llamacpp', 'vllm', 'tei', 'openai'];

const lines = readFileSync(path.join(__dirname, '../../../docs/engines.md'), 'utf8').split('\n');
const cells = (line: string): string[] =>
	line
		.split('|')
		.slice(1, -1)
		.map((cell) => cell.trim());
const at = lines.findIndex((line) => line.includes('| Ollama'));
const titles = cells(lines[at] ?? '');
const end = lines.findIndex((line, i) => i > at && line === '');
const rows = new Map(lines.slice(at + 2, end).map((line) => [cells(line)[0] ?? '', cells(line)]));

describe('the table in docs/engines.md', () => {
	test('has a column for each engine', () => {
		expect(titles.slice(1)).toEqual(Object.keys(COLUMNS));
		expect(Object.values(COLUMNS)).toEqual(dialectTable().map(({ dialect }) => dialect));
	});

	test.each(Object.entries(ROWS))('says of "%s" what the client believes', (title, features) => {
		const row = rows.get(title);
		const claimed = titles.slice(1).filter((_, i) => row?.[i + 1] !== '–');
		const believed = Object.keys(COLUMNS).filter((column) =>
			features.some((feature) =>
				dialectTable().some(({ dialect, can }) => dialect === COLUMNS[column] && can.includes(feature)),
			),
		);
		expect(row).toHaveLength(titles.length);
		expect(claimed).toEqual(believed);
	});

	test('calls seen only what was recorded or run', () => {
		for (const [title, row] of rows) {
			titles.slice(1).forEach((column, i) => {
				const word = row[i + 1] ?? '';
				expect(`${title}, ${column}: ${word}`).toMatch(/: (?:R|r|d|–)(?: \(.*\))?$/);
				if (/^R/.test(word)) expect(COLUMNS[column]).toBe('llamacpp');
				if (/^r/.test(word)) expect(SEEN).toContain(COLUMNS[column]);
			});
		}
	});
});

test('the credential offers each engine, and to find out', () => {
	const dialect = new LocalEngineApi().properties.find(({ name }) => name === 'dialect');
	const offered = (dialect?.options ?? []).flatMap((option) => ('value' in option ? [option.value] : []));
	expect(offered.sort()).toEqual(['auto', 'find', ...dialectTable().map((row) => row.dialect)].sort());
});
