import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../support';
import { EmbeddingError } from './errors';
import { Vocabulary } from './vocabulary';
import { WordPiece } from './wordpiece';

/** The models shipped with the package; in the source tree and in dist alike they lie two levels above this module. */
export const MODELS_DIRECTORY = path.join(__dirname, '..', '..', 'models');

/** Reads a file of a built-in model; an EmbeddingError `modelMissing` says which one and what to do. */
export async function readModelFile(file: string): Promise<Buffer> {
	try {
		return await readFile(file);
	} catch (error) {
		throw damaged(file, messageOf(error));
	}
}

export function damaged(file: string, reason: string): EmbeddingError {
	return new EmbeddingError(
		'modelMissing',
		`The built-in model cannot be used: ${path.basename(path.dirname(file))}/${path.basename(file)}: ${reason}. Reinstall the package to restore its files.`,
	);
}

let shared: WordPiece | undefined;

/**
 * The tokenizer of the built-in English models (BERT uncased). Loaded at the first call, once a process: 0.2 MB from disk,
 * about 30 ms, about 4 MB of memory. Throws `modelMissing`.
 */
export function wordPiece(): WordPiece {
	if (shared) return shared;
	const file = path.join(MODELS_DIRECTORY, 'static-minilm-256', 'vocab.txt');
	let content: string;
	try {
		// Synchronous because counting tokens is; a file this small does not hold the event loop.
		content = readFileSync(file, 'utf8');
	} catch (error) {
		throw damaged(file, messageOf(error));
	}
	return (shared = new WordPiece(parseVocabulary(content, file)));
}

/** One token a line, the id is the line number from 0. */
export function parseVocabulary(content: string, file: string): Vocabulary {
	const lines = content.split('\n');
	if (lines.at(-1) === '') lines.pop();
	if (lines.length !== VOCABULARY_SIZE || lines[100] !== '[UNK]')
		throw damaged(file, 'this is not the BERT uncased vocabulary');
	return new Vocabulary(lines);
}

const VOCABULARY_SIZE = 30_522;
