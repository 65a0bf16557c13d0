import type { INodeProperties } from 'n8n-workflow';
import { WAIT_FOR_VECTORS_MS } from '../../../../lib/ingest';
import { chunkingFields, chunkingOptions } from '../../../shared/fields/chunkingFields';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { allowedIndexesOption, indexFields, indexNameFieldOption } from '../../../shared/fields/indexFields';
import { optionsField, supplyOptionsField } from '../../../shared/fields/optionsField';
import { pathField } from '../../../shared/fields/pathField';
import { fixed, fromModel } from '../../../shared/fields/toolFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import {
	maxRemovedOption,
	metadataFieldOption,
	missingDocumentsField,
	sourceFieldOption,
} from './missingDocuments';
import { syncGroup, syncRequestOf } from './syncGroup';

const contextOption: INodeProperties = {
	displayName: 'Context',
	name: 'context',
	type: 'options',
	default: 'headings',
	description: 'What to add in front of each chunk for search. The text of the chunk does not change.',
	options: [
		{ name: 'Headings Above It', value: 'headings' },
		{ name: 'Nothing', value: 'none' },
		{ name: 'Title of the Document', value: 'title' },
		{
			name: 'Written by a Model',
			value: 'model',
			description:
				'One or two sentences that say where the chunk belongs in its document. Takes one call to the credential’s engine per chunk.',
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
		'Values to filter by, as JSON, for all documents of the item. If a document has a value of the same name, its own value is kept.',
};

export const sync: Operation = {
	option: {
		name: 'Sync Documents',
		value: 'sync',
		action: 'Sync documents into an index',
		description:
			'Splits documents into chunks, and stores what is new or changed. Sending the same documents again changes nothing.',
	},
	fields: [
		...indexFields,
		{
			displayName:
				'Each item can contain a list of documents, contain files, or be a document itself. A document has a "source" (a name that stays the same) and a "text".',
			name: 'documentsNotice',
			type: 'notice',
			default: '',
		},
		missingDocumentsField,
		{
			...embeddingField,
			description: `${embeddingField.description}. An index keeps the model that it was created with.`,
		},
		...chunkingFields,
		{
			displayName: 'Output',
			name: 'output',
			type: 'options',
			default: 'perDocument',
			description: 'What each output item contains',
			options: [
				{ name: 'One Item per Document', value: 'perDocument' },
				{
					name: 'One Summary',
					value: 'summary',
					description: 'Numbers of documents, and each document that failed',
				},
			],
		},
		optionsField([
			...chunkingOptions,
			contextOption,
			pathField({
				displayName: 'Document List Field',
				name: 'documentListField',
				default: 'documents',
				description: 'Name of the field that can contain a list of documents',
			}),
			allowedIndexesOption,
			indexNameFieldOption,
			{
				displayName: 'Preview',
				name: 'preview',
				type: 'boolean',
				default: false,
				description:
					'Whether to only show what would be added, changed and deleted. Nothing is stored or deleted, and the contents of files are not read.',
			},
			metadataOption,
			metadataFieldOption,
			sourceFieldOption,
			maxRemovedOption,
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
			{
				displayName: 'Wait for Vectors',
				name: 'waitForVectors',
				type: 'boolean',
				default: false,
				description: `Whether to wait until every chunk can be found by meaning. If off, a sync whose vectors would take longer than ${WAIT_FOR_VECTORS_MS / 1000} seconds with a built-in model stores the texts first: they are found by their words at once, and by meaning when their vectors are computed in the background.`,
			},
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
				description: `${embeddingField.description}. An index keeps the model that it was created with.`,
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
