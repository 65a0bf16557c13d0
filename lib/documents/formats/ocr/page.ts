import type { DocumentWriter } from '../writer';
import type { Recognised } from './tesseract';

/** Below this the words are mostly guessed: a photo of something else, or handwriting. */
const LEAST_CONFIDENCE = 30;
/** Below this some words are wrong. */
const SURE_CONFIDENCE = 70;
/** Of the signs in unsure text, the share that stands in words of three letters or more; less is noise from a photo. */
const LEAST_WORDS = 0.6;

/**
 * Writes recognised text as paragraphs. Returns whether it could be read, and whether words may be wrong.
 * @param isSure take only words of which no more than a few are wrong
 */
export function writeRecognised(
	{ text, confidence }: Recognised,
	writer: DocumentWriter,
	isSure = false,
): 'read' | 'unsure' | 'unread' {
	const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
	if (letters < 2 || confidence < (isSure ? SURE_CONFIDENCE : LEAST_CONFIDENCE)) return 'unread';
	if (confidence < SURE_CONFIDENCE && shareOfWords(text) < LEAST_WORDS) return 'unread';
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

function shareOfWords(text: string): number {
	const words = text.match(/[\p{L}\p{N}]{3,}/gu)?.join('').length ?? 0;
	return words / Math.max(1, text.replace(/\s/g, '').length);
}
