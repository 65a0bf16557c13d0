import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { IngestDocument } from '../../../../lib/ingest';
import { isObject, messageOf } from '../../../../lib/support';
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
 * The documents of one item: the entries of its document list if it has one, else its text and its files. What is no document
 * (an item without any, an entry without a name) is returned as a problem, so that the others are still stored.
 */
export function documentsOf(context: IExecuteFunctions, item: NodeItem): DocumentInputs {
	if (item.hasField('documentText')) {
		// A model gives the document to the tool itself.
		const given = { source: item.text('documentName'), text: item.text('documentText') };
		return { documents: [fromObject(given, 'the document')], listed: false };
	}
	const list = item.pointed('options.documentListField');
	if (list !== undefined) return { documents: fromList(list, pathOf(item)), listed: true };
	const files = Object.entries(item.binary);
	const hasText = !isNothing(item.pointed('options.textField'));
	const name = `item ${item.index + 1}`;
	const empty = emptyUploadsOf(item);
	if (files.length === 0 && !hasText && empty.length === 0) {
		const problem =
			`No document found: ${name} has neither a list in "${pathOf(item)}", nor a file, nor text where "${item.label('options.textField')}" points to. ` +
			'Send { "documents": [ { "source": "name", "text": "…" } ] } or upload files.';
		return { documents: [{ name, problem }], listed: false };
	}
	const root = rootOf(item);
	const text = hasText ? [fromObject(root, name)] : [];
	const partOf = text[0] && 'document' in text[0] ? text[0].document.source : undefined;
	// The source of the item names one thing; what comes with it has a name below it.
	const isOne = files.length + text.length === 1;
	return {
		documents: [
			...text,
			...files.map(([field, file]) => fromFile(context, item, root, { field, file, isOne, partOf })),
			...empty,
		],
		listed: false,
	};
}

/**
 * Files of a form that hold nothing: n8n describes them in the item ({ filename, size }), and some of its versions leave out the files
 * themselves.
 */
function emptyUploadsOf(item: NodeItem): DocumentInput[] {
	const there = new Set(Object.values(item.binary).map(({ fileName }) => fileName));
	return Object.values(item.json)
		.flat()
		.flatMap((value) => {
			if (!isObject(value) || value.size !== 0 || typeof value.filename !== 'string') return [];
			const { filename } = value;
			return there.has(filename) ? [] : [{ name: filename, problem: `The file "${filename}" is empty.` }];
		});
}

const pathOf = (item: NodeItem): string => item.optionalText('options.documentListField') ?? 'documents';

function fromList(list: unknown, field: string): DocumentInput[] {
	if (!Array.isArray(list)) {
		const problem = `The field "${field}" should be a list of documents, but is ${describe(list)}.`;
		return [{ name: field, problem }];
	}
	if (list.length === 0) {
		const problem = `The list of documents in "${field}" is empty. Send at least one.`;
		return [{ name: field, problem }];
	}
	return list.map((entry: unknown, position) => {
		const name = `${field}[${position}]`;
		if (!isObject(entry)) {
			return {
				name,
				problem: `${name} should be an object with "source" and "text", but is ${describe(entry)}.`,
			};
		}
		return fromObject(entry, name);
	});
}

function fromObject(entry: Partial<Record<DocumentPart, unknown>>, name: string): DocumentInput {
	if (isNothing(entry.source)) {
		return {
			name,
			problem: `${name} has no "source": give each document a stable name (a file name, URL or id), so that it can be updated and cited.`,
		};
	}
	let source = name;
	try {
		source = toText(entry.source, `source of ${name}`).trim();
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

interface GivenFile {
	/** Name of the binary field. */
	readonly field: string;
	readonly file: IBinaryData;
	/** Whether the item holds nothing else, so that source and title of the item are those of the file. */
	readonly isOne: boolean;
	/** The mail that it came with. */
	readonly partOf: string | undefined;
}

function fromFile(
	context: IExecuteFunctions,
	item: NodeItem,
	{ source, title, metadata }: Record<DocumentPart, unknown>,
	{ field, file, isOne, partOf }: GivenFile,
): DocumentInput {
	const fileName = nameOfFile(file);
	const name = fileName ?? `the file in "${field}" of item ${item.index + 1}`;
	try {
		const given = isNothing(source) ? undefined : toText(source, 'source').trim();
		const own = given === undefined ? fileName : isOne ? given : `${given}/${fileName ?? field}`;
		if (own === undefined) {
			const problem = `${name} has no name, so that it could not be updated or cited. Send it with a file name, or set Source Field to a field or an expression that gives a stable name.`;
			return { name, problem: problem.charAt(0).toUpperCase() + problem.slice(1) };
		}
		return {
			document: {
				source: own,
				...describedBy({ title: isOne ? title : undefined, metadata }, ''),
				...(partOf !== undefined && { partOf }),
				file: {
					data: fileBytes(context, item, field, file),
					name: fileName,
					mimeType: file.mimeType,
				},
			},
		};
	} catch (error) {
		return { name, problem: messageOf(error) };
	}
}

/** What n8n calls a raw body without a name: another UUID at each call. */
const RANDOM_NAME = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

/** The name of a file if it is one that the same file has the next time too. */
function nameOfFile({ fileName }: IBinaryData): string | undefined {
	const name = fileName?.trim() ?? '';
	return name === '' || RANDOM_NAME.test(name) ? undefined : name;
}
