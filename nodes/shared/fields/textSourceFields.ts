import type { INodeProperties } from 'n8n-workflow';
import { binaryField } from './binaryField';
import { textField } from './pathField';
import { fromModel } from './toolFields';

/** Where an operation takes its text from: a field, or a file of the item. */
export const textSourceFields: readonly INodeProperties[] = [
	{
		displayName: 'Text From',
		name: 'textFrom',
		type: 'options',
		default: 'field',
		description: 'Where the text comes from',
		options: [
			{ name: 'Field', value: 'field' },
			{
				name: 'File',
				value: 'file',
				description:
					'PDF, Word, Excel, PowerPoint, OpenDocument, mail, HTML, CSV, JSON, text, a scan or a picture',
			},
		],
	},
	{ ...textField, displayOptions: { show: { textFrom: ['field'] } } },
	{
		...binaryField('Name of the input field that holds the file to read'),
		displayOptions: { show: { textFrom: ['file'] } },
	},
];

/** The same for a tool: the model gives the text itself. */
export const textFromModel = (description: string): INodeProperties =>
	fromModel({ displayName: 'Text', name: 'textField', key: 'text', typeOptions: { rows: 3 }, description });
