import type { INodeProperties } from 'n8n-workflow';
import { LEAST_ROWS } from '../../../../lib/distillation';
import { templateField, tokenField } from '../../shared/tokenFields';

/** What may take the place of the set before; only where one is written. */
export const leastRowsField: INodeProperties = {
	displayName: 'Smallest Share of the Set Before',
	name: 'leastRows',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
	default: LEAST_ROWS,
	description:
		'A new set with fewer rows than this share of the rows before does not replace the old one in its folder; the item says why. Sets of fewer than 10 rows are not guarded, and a set without rows never replaces one that has any.',
};

/** Choices about curation that decide which records are held back; lib documents and defaults the rest. */
export const gateOptions: INodeProperties[] = [
	{
		displayName: 'Allowed Languages',
		name: 'languages',
		type: 'string',
		default: 'en',
		description: 'Comma-separated codes (en, de); records in other languages are rejected',
	},
	{
		displayName: 'Allowed Licences',
		name: 'licences',
		type: 'string',
		default: 'apache-2.0, mit',
		description: 'Comma-separated; answers under another licence are rejected, those under none stay',
	},
	templateField,
	{
		displayName: 'Longest Exchange (Tokens)',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description: 'Prompt and answer together; longer ones are rejected',
	},
	{
		displayName: 'Label to Balance',
		name: 'label',
		type: 'string',
		default: '',
		placeholder: 'topic',
		description: 'Name of the label whose values should not outweigh one another',
	},
	{
		displayName: 'Maximum per Label Value',
		name: 'perLabel',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Most records of one value of the label to balance; which stay is drawn by a seed',
	},
	{
		displayName: 'Maximum per Source',
		name: 'perSource',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Most records of one document or workflow',
	},
	{
		displayName: 'Minimum Score',
		name: 'minScore',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description: 'Records whose score is lower are rejected; without a judge, those without a score stay',
	},
	{
		displayName: 'Near-Duplicates',
		name: 'nearDuplicates',
		type: 'options',
		default: 'drop',
		description: 'What becomes of exchanges that are almost the same as an earlier one',
		options: [
			{ name: 'Kept, but in the Same Split', value: 'group' },
			{ name: 'Left Out', value: 'drop' },
		],
	},
	{
		displayName: 'Personal Data',
		name: 'personalData',
		type: 'options',
		default: 'redact',
		description: 'What becomes of mail addresses, phone, card and account numbers',
		options: [
			{ name: 'Left as It Is', value: 'keep' },
			{ name: 'Record Is Rejected', value: 'drop' },
			{ name: 'Replaced by Its Kind', value: 'redact' },
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
		description: 'Share of the groups that is held back for the test set',
	},
	tokenField,
	{
		displayName: 'Validation Share',
		name: 'validationShare',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 0.9, numberPrecision: 2 },
		default: 0.05,
		description: 'Share of the groups for validation',
	},
];
