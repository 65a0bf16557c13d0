import type { IExecuteFunctions } from 'n8n-workflow';
import { detectKind, extractText, READ_LIMITS } from '../../../lib/documents';
import { formatMegabytes } from '../../../lib/support';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { isNothing } from './values';

/** Larger files have more text than any model reads; **Sync Documents** takes them as streams. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** The text an operation works on, of a field or of a file. @throws InputError, DocumentError */
export async function textOf(context: IExecuteFunctions, item: NodeItem): Promise<string> {
	if (item.choice('textFrom') === 'field') return item.pointedText('textField');
	const field = item.text('binaryField');
	const { fileName: name, mimeType } = item.file(field);
	const bytes = await context.helpers.getBinaryDataBuffer(item.index, field);
	if (bytes.byteLength > MAX_FILE_BYTES) {
		throw new InputError(
			`The file in "${field}" has ${formatMegabytes(bytes.byteLength)}; at most ${formatMegabytes(MAX_FILE_BYTES)} are read here. Split it, or search it with Vector Index.`,
		);
	}
	const kind = detectKind(bytes, name, mimeType);
	const signal = item.signal ?? new AbortController().signal;
	const { text } = await extractText({ kind, bytes, name }, READ_LIMITS, signal);
	if (isNothing(text)) throw new InputError(`The file "${name ?? field}" holds no text.`);
	return text;
}
