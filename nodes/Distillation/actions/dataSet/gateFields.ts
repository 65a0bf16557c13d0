import type { INodeProperties } from 'n8n-workflow';
import { LEAST_ROWS } from '../../../../lib/distillation';
import { templateField, tokenField } from '../../shared/tokenFields';

/** What may take the place of the set before; only where one is written. */
export const leastRowsField: INodeProperties = {
	displayName: 'Minimum Share of Previous Set',
	name: 'leastRows',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
	default: LEAST_ROWS,
	description:
		'Minimum size of the new data set, as a share of the previous one. A smaller data set does not replace the previous one in its folder, and the item contains the reason. A previous data set of fewer than 10 rows is not checked. A data set without rows never replaces one with rows.',
};

/** Choices about curation that decide which records are held back; lib documents and defaults the rest. */
export const gateOptions: INodeProperties[] = [
	{
		displayName: 'Allowed Languages',
		name: 'languages',
		type: 'string',
		default: 'en',
		description:
			'Language codes to keep, separated by commas, such as en, de. Records in other languages are rejected.',
	},
	{
		displayName: 'Allowed Licences',
		name: 'licences',
		type: 'string',
		default: 'apache-2.0, mit',
		description:
			'Licences to keep, separated by commas. Answers with another licence are rejected; answers without a licence are kept.',
	},
	templateField,
	{
		displayName: 'Longest Exchange (Tokens)',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description: 'Maximum length of prompt and answer together, in tokens. Longer exchanges are rejected.',
	},
	{
		displayName: 'Label to Balance',
		name: 'label',
		type: 'string',
		default: '',
		placeholder: 'topic',
		description: 'Name of the label whose values should be balanced',
	},
	{
		displayName: 'Maximum per Label Value',
		name: 'perLabel',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description:
			'Maximum number of records for each value of the label to balance. They are chosen at random, and the same ones in every run.',
	},
	{
		displayName: 'Maximum per Source',
		name: 'perSource',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Maximum number of records from one document or workflow',
	},
	{
		displayName: 'Minimum Score',
		name: 'minScore',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description:
			'Minimum score, from 0 to 1. Records with a lower score are rejected. Without a judge, records without a score are kept.',
	},
	{
		displayName: 'Near-Duplicates',
		name: 'nearDuplicates',
		type: 'options',
		default: 'drop',
		description: 'What to do with exchanges that are nearly the same as an earlier one',
		options: [
			{ name: 'Keep in the Same Split', value: 'group' },
			{ name: 'Remove', value: 'drop' },
		],
	},
	{
		displayName: 'Personal Data',
		name: 'personalData',
		type: 'options',
		default: 'redact',
		description: 'What to do with e-mail addresses, phone numbers, card numbers and account numbers',
		options: [
			{ name: 'Keep', value: 'keep' },
			{ name: 'Reject the Record', value: 'drop' },
			{ name: 'Replace by Its Kind', value: 'redact' },
		],
	},
	{
		displayName: 'Phone Country',
		name: 'country',
		type: 'string',
		default: 'US',
		description: 'Country of phone numbers without a country code, such as DE',
	},
	{
		displayName: 'Test Share',
		name: 'testShare',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 0.9, numberPrecision: 2 },
		default: 0.05,
		description: 'Share of the groups for the test split, from 0 to 1',
	},
	tokenField,
	{
		displayName: 'Validation Share',
		name: 'validationShare',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 0.9, numberPrecision: 2 },
		default: 0.05,
		description: 'Share of the groups for the validation split, from 0 to 1',
	},
];
