// Fields that a sync and the comparison before it have in common.
import type { INodeProperties } from 'n8n-workflow';
import { MAX_REMOVED } from '../../../../lib/ingest';
import { pathField } from '../../../shared/fields/pathField';

const maxRemovedPercent = MAX_REMOVED * 100;

export const missingDocumentsField: INodeProperties = {
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
				'Choose this when every run sends the complete folder or table. Documents that are no longer sent are deleted from the index.',
		},
		{ name: 'Keep', value: 'add', description: 'Choose this when documents arrive one by one' },
	],
};

export const metadataFieldOption = pathField({
	displayName: 'Metadata Field',
	name: 'metadataField',
	default: 'metadata',
	description: 'Name of the field that holds an object with values to filter by',
});

export const sourceFieldOption = pathField({
	displayName: 'Source Field',
	name: 'sourceField',
	default: 'source',
	description:
		'Name of the field that holds the name of the document. Use a name that stays the same in every run.',
});

export const maxRemovedOption: INodeProperties = {
	displayName: 'Maximum Deletions (%)',
	name: 'maxRemovedPercent',
	type: 'number',
	default: maxRemovedPercent,
	typeOptions: { minValue: 0, maxValue: 100 },
	displayOptions: { show: { '/syncMode': ['mirror'] } },
	description:
		'Maximum share of the documents in the index, in percent, that one run may delete. If more are missing, nothing is deleted and the node fails. 100 turns this check off. An index with fewer than 10 documents is not checked.',
};
