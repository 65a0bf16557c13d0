import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { IngestDocument } from '../../../../lib/ingest';
import { messageOf } from '../../../../lib/support';
import { InputError } from '../../../shared/runtime/errors';
import { fileBytes } from '../../../shared/runtime/files';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { describe, isNothing, toObject, toText } from '../../../shared/runtime/values';

/** n8n holds an item's JSON in memory several times over (and in its database); a file stays on disk and is streamed. */
const MAX_TEXT_IN_JSON = 20_000_000;

/** A document to store, or the reason why this entry of the input is none. */
export type DocumentInput =
	| { readonly document: IngestDocument }
	| { readonly name: string; readonly problem: string };

export interface DocumentInputs {
	readonly documents: readonly DocumentInput[];
	/** Whether they are entries of a list in the item. */
	readonly listed: boolean;
}

/**
 * The documents of one item: the entries of its document list if it has one, else its files, else the item itself.
 * A list entry that is no document is returned as a problem, so that the others are still stored.
 * @throws InputError when the item holds no document at all
 */
export function documentsOf(context: IExecuteFunctions, item: NodeItem): DocumentInputs {
	const list = item.pointed('options.documentListField');
	if (list !== undefined) return { documents: fromList(list, pathOf(item)), listed: true };
	const files = Object.entries(item.binary);
	if (files.length > 0) {
		const single = files.length === 1;
		return {
			documents: files.map(([field, file]) => fromFile(context, item, field, file, single)),
			listed: false,
		};
	}
	if (item.pointed('options.textField') === undefined) {
		throw new InputError(
			`No document found: the item has neither a list in "${pathOf(item)}", nor a file, nor text where "${item.label('options.textField')}" points to. ` +
				'Send { "documents": [ { "source": "name", "text": "…" } ] } or upload files.',
		);
	}
	return {
		documents: [fromObject(rootOf(item), 'the document', `item ${item.index + 1}`)],
		listed: false,
	};
}

const pathOf = (item: NodeItem): string => item.optionalText('options.documentListField') ?? 'documents';

function fromList(list: unknown, field: string): DocumentInput[] {
	if (!Array.isArray(list)) {
		throw new InputError(`The field "${field}" should be a list of documents, but is ${describe(list)}.`);
	}
	if (list.length === 0)
		throw new InputError(`The list of documents in "${field}" is empty. Send at least one.`);
	return list.map((entry: unknown, position) => {
		const name = `${field}[${position}]`;
		if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
			return {
				name,
				problem: `${name} should be an object with "source" and "text", but is ${describe(entry)}.`,
			};
		}
		return fromObject(entry as IDataObject, name);
	});
}

function fromObject(
	entry: Partial<Record<DocumentPart, unknown>>,
	name: string,
	defaultSource?: string,
): DocumentInput {
	const given = isNothing(entry.source) ? defaultSource : entry.source;
	if (given === undefined) {
		return {
			name,
			problem: `${name} has no "source": give each document a stable name (a file name, URL or id), so that it can be updated and cited.`,
		};
	}
	let source = name;
	try {
		source = toText(given, `source of ${name}`).trim();
		if (isNothing(entry.text)) throw new InputError(`"text" of ${name} is missing.`);
		const text = toText(entry.text, `text of ${name}`);
		if (text.length > MAX_TEXT_IN_JSON) {
			throw new InputError(
				`"text" of ${name} is ${text.length} characters long; at most ${MAX_TEXT_IN_JSON} are taken inside JSON. Upload it as a file.`,
			);
		}
		return { document: { source, text, ...describedBy(entry, ` of ${name}`) } };
	} catch (error) {
		return { name: source, problem: messageOf(error) };
	}
}

type DocumentPart = 'source' | 'text' | 'title' | 'metadata';

const rootOf = (item: NodeItem): Record<DocumentPart, unknown> => ({
	source: item.pointed('options.sourceField'),
	text: item.pointed('options.textField'),
	title: item.pointed('options.titleField'),
	metadata: item.pointed('options.metadataField'),
});

function describedBy(
	{ title, metadata }: Partial<Record<DocumentPart, unknown>>,
	of: string,
): Pick<IngestDocument, 'title' | 'metadata'> {
	return {
		...(!isNothing(title) && { title: toText(title, `title${of}`) }),
		...(!isNothing(metadata) && {
			metadata: toObject(metadata, `metadata${of}`) as IngestDocument['metadata'],
		}),
	};
}

/** Of several files in an item, source and title of the item name none. */
function fromFile(
	context: IExecuteFunctions,
	item: NodeItem,
	field: string,
	file: IBinaryData,
	single: boolean,
): DocumentInput {
	const { source, title, metadata } = rootOf(item);
	const name = file.fileName ?? field;
	try {
		return {
			document: {
				source: single && !isNothing(source) ? toText(source, 'source').trim() : name,
				...describedBy({ title: single ? title : undefined, metadata }, ''),
				file: {
					data: fileBytes(context, item, field, file),
					name: file.fileName,
					mimeType: file.mimeType,
				},
			},
		};
	} catch (error) {
		return { name, problem: messageOf(error) };
	}
}
