import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import {
	type ContextKind,
	type DocumentOutcome,
	type IngestDocument,
	type Metadata,
	sync as syncDocuments,
	syncInProcess,
	type SyncReport,
} from '../../../../lib/ingest';
import { builtinTierOf } from '../../../../lib/embedding';
import { chunkingFields, chunkingOptions } from '../../../shared/fields/chunkingFields';
import { chunkOptionsOf } from '../../../shared/runtime/chunking';
import { contextModel } from '../../../shared/runtime/contextModel';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { errorItem, toNodeError, InputError } from '../../../shared/runtime/errors';
import { objectParameter, valueAt } from '../../../shared/runtime/values';
import { indexFields, indexNameFieldOption } from '../../../shared/fields/indexFields';
import { openOrCreateIndexFor } from '../../../shared/runtime/indexes';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { documentFieldDefaults, documentsOf, type DocumentFields } from './documentInput';

export const sync: Operation = {
	option: {
		name: 'Sync Documents',
		value: 'sync',
		action: 'Sync documents into an index',
		description:
			'Cuts documents into chunks and stores what is new or changed; sending them again changes nothing',
	},
	fields: [
		...indexFields,
		{
			displayName:
				'Each item may hold a list of documents, files, or be a document itself. A document has a "source" (its stable name) and a "text".',
			name: 'documentsNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Documents Not Sent',
			name: 'syncMode',
			type: 'options',
			default: 'add',
			description: 'What becomes of documents that are in the index but not among these',
			options: [
				{ name: 'Stay', value: 'add', description: 'For documents that arrive one by one' },
				{
					name: 'Are Removed',
					value: 'mirror',
					description: 'For a folder or table that is sent whole: the index becomes its mirror image',
				},
			],
		},
		{
			...embeddingField,
			description: `${embeddingField.description}. An index keeps the model it was created with.`,
		},
		...chunkingFields,
		{
			displayName: 'Output',
			name: 'output',
			type: 'options',
			default: 'perDocument',
			description: 'What becomes an item',
			options: [
				{ name: 'One Item per Document', value: 'perDocument' },
				{ name: 'One Summary', value: 'summary', description: 'Counts, and each document that failed' },
			],
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				...chunkingOptions,
				{
					displayName: 'Context',
					name: 'context',
					type: 'options',
					default: 'headings',
					description: 'What is put before each chunk for searching; the text itself stays as it is',
					options: [
						{ name: 'Headings Above It', value: 'headings' },
						{ name: 'Nothing', value: 'none' },
						{ name: 'Title of the Document', value: 'title' },
						{
							name: 'Written by a Model',
							value: 'model',
							description:
								'One or two sentences that place the chunk in its document; one call a chunk to the engine of the credential',
						},
					],
				},
				{
					displayName: 'Document List Field',
					name: 'documentListField',
					type: 'string',
					default: documentFieldDefaults.list,
					description: 'Field of the item that may hold a list of documents',
				},
				indexNameFieldOption,
				{
					displayName: 'Metadata',
					name: 'metadata',
					type: 'json',
					default: '{}',
					placeholder: '{ "department": "sales" }',
					description:
						'Facts to filter by for all documents of the item, as JSON; what a document itself says wins',
				},
				{
					displayName: 'Metadata Field',
					name: 'metadataField',
					type: 'string',
					default: documentFieldDefaults.metadata,
					description: 'Field that holds an object of facts to filter by',
				},
				{
					displayName: 'Source Field',
					name: 'sourceField',
					type: 'string',
					default: documentFieldDefaults.source,
					description: 'Field that holds the stable name of the document',
				},
				{
					displayName: 'Text Field',
					name: 'textField',
					type: 'string',
					default: documentFieldDefaults.text,
					description: 'Field that holds the text of the document',
				},
				{
					displayName: 'Title Field',
					name: 'titleField',
					type: 'string',
					default: documentFieldDefaults.title,
					description: 'Field that holds the title of the document',
				},
			],
		},
	],
	execute: async (context) => {
		const output: INodeExecutionData[] = [];
		for (const group of groupsByIndex(context)) {
			try {
				output.push(...(await syncGroup(context, group)));
			} catch (error) {
				const itemIndex = group[0] ?? 0;
				if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
				output.push(errorItem(context, error, itemIndex));
			}
		}
		return [output];
	},
};

/** Items that go to the same index are one sync: only then can "removed when not sent" be told. */
function groupsByIndex(context: IExecuteFunctions): number[][] {
	const groups = new Map<string, number[]>();
	context.getInputData().forEach((item, itemIndex) => {
		const field = context.getNodeParameter('options.indexNameField', itemIndex, '') as string;
		const named = field === '' ? undefined : valueAt(item.json, field);
		const key = JSON.stringify([
			context.getNodeParameter('backend', itemIndex),
			context.getNodeParameter('index', itemIndex, '', { extractValue: true }),
			// What is no name is an error of that item alone.
			typeof named === 'string' ? { named } : named === undefined || named === null ? null : itemIndex,
		]);
		const group = groups.get(key);
		if (group) group.push(itemIndex);
		else groups.set(key, [itemIndex]);
	});
	return [...groups.values()];
}

interface Entry {
	readonly itemIndex: number;
	readonly outcome: DocumentOutcome;
}

async function syncGroup(
	context: IExecuteFunctions,
	itemIndexes: readonly number[],
): Promise<INodeExecutionData[]> {
	const first = itemIndexes[0] ?? 0;
	const options = context.getNodeParameter('options', first, {});
	const entries: Entry[] = [];
	const itemOfPosition: number[] = [];
	const documents: IngestDocument[] = [];
	for (const itemIndex of itemIndexes) {
		const shared = objectParameter(context, 'options.metadata', itemIndex, 'The metadata') as Metadata;
		for (const input of await documentsOf(context, itemIndex, fieldsOf(options))) {
			if ('document' in input) {
				itemOfPosition.push(itemIndex);
				documents.push(withMetadata(input.document, shared));
			} else {
				entries.push({
					itemIndex,
					outcome: { source: input.name, state: 'failed', chunks: 0, reason: input.problem },
				});
			}
		}
	}
	if (documents.length === 0) throw nothingStored(entries);

	const kind = contextKindOf(options.context);
	const { index, embedder, address } = await openOrCreateIndexFor(context, first);
	const call = { signal: context.getExecutionCancelSignal(), onProgress: progressFor(context) };
	const { countTokens, ...chunking } = chunkOptionsOf(context, first);
	const mode = context.getNodeParameter('syncMode', first) === 'mirror' ? 'mirror' : 'add';
	// Where nothing is waited for (no server, no slow model), n8n's event loop is no place for it.
	const aside =
		address.backend === 'embedded' && kind !== 'model' && builtinTierOf(embedder.model) === 'fast';
	const running = aside
		? syncInProcess(documents, { address, chunking, context: kind, mode }, call)
		: syncDocuments(
				documents,
				{
					...{ index, embedder, chunking: { ...chunking, countTokens }, context: kind, mode },
					complete: kind === 'model' ? await contextModel(context, first, true) : undefined,
				},
				call,
			);
	let step = await running.next();
	while (!step.done) {
		const outcome = step.value;
		entries.push({ itemIndex: itemOfPosition[outcome.position ?? -1] ?? first, outcome });
		step = await running.next();
	}
	const report = step.value;
	if (entries.length > 0 && entries.every(({ outcome }) => outcome.state === 'failed'))
		throw nothingStored(entries);
	if (context.getNodeParameter('output', first) === 'summary') {
		return [{ json: summary(report, entries), pairedItem: itemIndexes.map((item) => ({ item })) }];
	}
	return entries.map(({ itemIndex, outcome }) => ({
		json: { ...outcome, ...(outcome.warnings && { warnings: [...outcome.warnings] }) },
		pairedItem: { item: itemIndex },
	}));
}

const withMetadata = (document: IngestDocument, shared: Metadata): IngestDocument =>
	Object.keys(shared).length === 0
		? document
		: { ...document, metadata: { ...shared, ...document.metadata } };

const contextKindOf = (value: unknown): ContextKind =>
	value === 'none' || value === 'title' || value === 'model' ? value : 'headings';

function fieldsOf(options: IDataObject): DocumentFields {
	const name = (value: unknown, fallback: string) =>
		typeof value === 'string' && value.trim() !== '' ? value.trim() : fallback;
	return {
		list: name(options.documentListField, documentFieldDefaults.list),
		text: name(options.textField, documentFieldDefaults.text),
		source: name(options.sourceField, documentFieldDefaults.source),
		title: name(options.titleField, documentFieldDefaults.title),
		metadata: name(options.metadataField, documentFieldDefaults.metadata),
	};
}

function nothingStored(entries: readonly Entry[]): InputError {
	const reasons = entries.slice(0, 5).map(({ outcome }) => outcome.reason ?? outcome.source);
	const more = entries.length > 5 ? ` (and ${entries.length - 5} more)` : '';
	return new InputError(`No document was stored. ${reasons.join(' ')}${more}`);
}

function summary(report: SyncReport, entries: readonly Entry[]): IDataObject {
	const failed = entries.filter(({ outcome }) => outcome.state === 'failed');
	return {
		added: report.added,
		changed: report.changed,
		unchanged: report.unchanged,
		removed: report.removed,
		failed: failed.map(({ outcome: { source, reason } }) => ({ source, reason })),
		...warningsOf(entries),
		chunks: report.chunks,
		timings: { ...report.timings },
	};
}

/** Documents that were stored although something about them had to be changed. */
function warningsOf(entries: readonly Entry[]): IDataObject {
	const warned = entries.filter(({ outcome }) => outcome.warnings && outcome.warnings.length > 0);
	if (warned.length === 0) return {};
	return {
		warnings: warned.map(({ outcome: { source, warnings } }) => ({
			source,
			warnings: [...(warnings ?? [])],
		})),
	};
}
