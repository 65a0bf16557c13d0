import type { DocumentWriter } from '../writer';
import type { Recognised } from './tesseract';

/** Below this the words are mostly guessed: a photo of something else, or handwriting. */
const LEAST_CONFIDENCE = 30;
/** Below this some words are wrong. */
const SURE_CONFIDENCE = 70;

/** Writes recognised text as paragraphs. Returns whether it could be read, and whether words may be wrong. */
export function writeRecognised(
	{ text, confidence }: Recognised,
	writer: DocumentWriter,
): 'read' | 'unsure' | 'unread' {
	const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
	if (letters < 2 || confidence < LEAST_CONFIDENCE) return 'unread';
	let paragraph: string[] = [];
	const flush = (): void => {
		writer.paragraph(paragraph.join('\n'));
		paragraph = [];
	};
	for (const line of text.split('\n')) {
		if (line.trim() === '') flush();
		else paragraph.push(line.trim());
	}
	flush();
	return confidence < SURE_CONFIDENCE ? 'unsure' : 'read';
}
