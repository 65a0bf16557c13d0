import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { IngestDocument } from '../../../../lib/ingest';
import { describeType, valueAt } from '../../../shared/runtime/values';
import { InputError } from '../../../shared/runtime/errors';

/** Names of the item's fields that hold a document. */
export interface DocumentFields {
	readonly list: string;
	readonly text: string;
	readonly source: string;
	readonly title: string;
	readonly metadata: string;
}

export const documentFieldDefaults: DocumentFields = {
	list: 'documents',
	text: 'text',
	source: 'source',
	title: 'title',
	metadata: 'metadata',
};

/** n8n holds an item's JSON in memory several times over (and in its database); a file stays on disk and is streamed. */
const MAX_TEXT_IN_JSON = 20_000_000;

/** A document to store, or the reason why this entry of the input is none. */
export type DocumentInput =
	| { readonly document: IngestDocument }
	| { readonly name: string; readonly problem: string };

/**
 * The documents of one item: the entries of its document list if it has one, else its files, else the item itself.
 * A list entry that is no document is returned as a problem, so that the others are still stored.
 * @throws InputError when the item holds no document at all.
 */
export async function documentsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	fields: DocumentFields,
): Promise<DocumentInput[]> {
	const item = context.getInputData()[itemIndex];
	const json = item?.json ?? {};
	const list = valueAt(json, fields.list);
	if (list !== undefined) return fromList(list, fields.list);
	const files = Object.entries(item?.binary ?? {});
	if (files.length > 0) {
		return await Promise.all(
			files.map(async ([name, binary]) => ({
				document: await fromFile(context, itemIndex, name, binary, json, fields),
			})),
		);
	}
	if (valueAt(json, fields.text) === undefined) {
		throw new InputError(
			`No document found: the item has neither a list in "${fields.list}", nor a file, nor text in "${fields.text}". ` +
				'Send { "documents": [ { "source": "name", "text": "…" } ] } or upload files.',
		);
	}
	return [fromObject(rootOf(json, fields), 'the document', `item ${itemIndex + 1}`)];
}

function fromList(list: unknown, field: string): DocumentInput[] {
	if (!Array.isArray(list)) {
		throw new InputError(`The field "${field}" should be a list of documents, but is ${describeType(list)}.`);
	}
	if (list.length === 0)
		throw new InputError(`The list of documents in "${field}" is empty. Send at least one.`);
	return list.map((entry: unknown, position) => {
		const name = `${field}[${position}]`;
		if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
			return {
				name,
				problem: `${name} should be an object with "source" and "text", but is ${describeType(entry)}.`,
			};
		}
		return fromObject(entry as IDataObject, name);
	});
}

function fromObject(entry: IDataObject, name: string, defaultSource?: string): DocumentInput {
	const { source = defaultSource, text, title, metadata } = entry;
	if (typeof source !== 'string' || source.trim() === '') {
		return {
			name,
			problem: `${name} has no "source": give each document a stable name (a file name, URL or id), so that it can be updated and cited.`,
		};
	}
	if (typeof text !== 'string') {
		return { name: source, problem: `"text" of ${name} should be text, but is ${describeType(text)}.` };
	}
	if (text.length > MAX_TEXT_IN_JSON) {
		return {
			name: source,
			problem: `"text" of ${name} is ${text.length} characters long; at most ${MAX_TEXT_IN_JSON} are taken inside JSON. Upload it as a file.`,
		};
	}
	if (title !== undefined && title !== null && typeof title !== 'string') {
		return { name: source, problem: `"title" of ${name} should be text, but is ${describeType(title)}.` };
	}
	if (
		metadata !== undefined &&
		metadata !== null &&
		(typeof metadata !== 'object' || Array.isArray(metadata))
	) {
		return {
			name: source,
			problem: `"metadata" of ${name} should be an object, but is ${describeType(metadata)}.`,
		};
	}
	return {
		document: {
			source,
			text,
			title: title ?? undefined,
			metadata: (metadata as IngestDocument['metadata']) ?? undefined,
		},
	};
}

const rootOf = (json: IDataObject, fields: DocumentFields): IDataObject => ({
	source: valueAt(json, fields.source) as IDataObject[string],
	text: valueAt(json, fields.text) as IDataObject[string],
	title: valueAt(json, fields.title) as IDataObject[string],
	metadata: valueAt(json, fields.metadata) as IDataObject[string],
});

async function fromFile(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
	binary: IBinaryData,
	json: IDataObject,
	fields: DocumentFields,
): Promise<IngestDocument> {
	const { source, title, metadata } = rootOf(json, fields);
	const single = Object.keys(context.getInputData()[itemIndex]?.binary ?? {}).length === 1;
	return {
		source: single && typeof source === 'string' && source !== '' ? source : (binary.fileName ?? field),
		title: single && typeof title === 'string' ? title : undefined,
		metadata:
			typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
				? (metadata as IngestDocument['metadata'])
				: undefined,
		file: {
			// Large files stay on disk and are streamed; small ones are in memory already.
			data: binary.id
				? await context.helpers.getBinaryStream(binary.id)
				: await context.helpers.getBinaryDataBuffer(itemIndex, field),
			name: binary.fileName,
			mimeType: binary.mimeType,
		},
	};
}
