import type { INodeProperties } from 'n8n-workflow';
import { MAX_REMOVED } from '../../../../lib/ingest';
import { chunkingFields, chunkingOptions } from '../../../shared/fields/chunkingFields';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { allowedIndexesOption, indexFields, indexNameFieldOption } from '../../../shared/fields/indexFields';
import { optionsField, supplyOptionsField } from '../../../shared/fields/optionsField';
import { pathField } from '../../../shared/fields/pathField';
import { fixed, fromModel } from '../../../shared/fields/toolFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import { syncGroup, syncRequestOf } from './syncGroup';

const contextOption: INodeProperties = {
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
};

const metadataOption: INodeProperties = {
	displayName: 'Metadata',
	name: 'metadata',
	type: 'json',
	default: '{}',
	placeholder: '{ "department": "sales" }',
	description:
		'Facts to filter by for all documents of the item, as JSON. If a document has the same fact itself, its own value is kept.',
};

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
			displayName: 'Missing Documents',
			name: 'syncMode',
			type: 'options',
			default: 'add',
			description: 'What to do with documents that are in the index but were not sent this time',
			options: [
				{
					name: 'Delete',
					value: 'mirror',
					description:
						'For runs that send the complete folder or table: documents that are no longer sent are deleted from the index',
				},
				{ name: 'Keep', value: 'add', description: 'For documents that arrive one by one' },
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
		optionsField([
			...chunkingOptions,
			contextOption,
			pathField({
				displayName: 'Document List Field',
				name: 'documentListField',
				default: 'documents',
				description: 'Name of the field that may hold a list of documents',
			}),
			allowedIndexesOption,
			indexNameFieldOption,
			{
				displayName: 'Preview',
				name: 'preview',
				type: 'boolean',
				default: false,
				description:
					'Whether to only show what would be added, changed and removed. Nothing is stored or deleted, and files are not read through.',
			},
			metadataOption,
			pathField({
				displayName: 'Metadata Field',
				name: 'metadataField',
				default: 'metadata',
				description: 'Name of the field that holds an object of facts to filter by',
			}),
			pathField({
				displayName: 'Source Field',
				name: 'sourceField',
				default: 'source',
				description: 'Name of the field that holds the stable name of the document',
			}),
			{
				displayName: 'Stop When More Than N % Would Be Removed',
				name: 'maxRemovedPercent',
				type: 'number',
				default: MAX_REMOVED * 100,
				typeOptions: { minValue: 0, maxValue: 100 },
				displayOptions: { show: { '/syncMode': ['mirror'] } },
				description:
					'Percent of the documents in the index that one run may delete. If more were not sent, nothing is deleted and the node fails. 100 turns this off. An index with fewer than 10 documents is not checked.',
			},
			pathField({
				displayName: 'Text Field',
				name: 'textField',
				default: 'text',
				description: 'Name of the field that holds the text of the document',
			}),
			pathField({
				displayName: 'Title Field',
				name: 'titleField',
				default: 'title',
				description: 'Name of the field that holds the title of the document',
			}),
		]),
	],
	tool: {
		description:
			'Stores a text under a name, so that it can be found by searches later. A text stored before under the same name is replaced.',
		fields: [
			...indexFields,
			fixed('syncMode', 'add'),
			fromModel({
				displayName: 'Name',
				name: 'documentName',
				key: 'name',
				description: 'Short name of the document, such as a title or file name',
			}),
			fromModel({
				displayName: 'Text',
				name: 'documentText',
				key: 'text',
				typeOptions: { rows: 3 },
				description: 'The whole text to store',
			}),
			{
				...embeddingField,
				description: `${embeddingField.description}. An index keeps the model it was created with.`,
			},
			...chunkingFields,
			fixed('output', 'perDocument'),
			supplyOptionsField([...chunkingOptions, contextOption, metadataOption]),
		],
		answer: ({ source, state, reason }) => ({ source, state, ...(reason !== undefined && { reason }) }),
	},
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => await syncRequestOf(run, item),
			async (group) => await syncGroup(run, group),
		),
};
