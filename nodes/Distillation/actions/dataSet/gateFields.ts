import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { PERSONAL_DATA, type CurateOptions } from '../../../../lib/distillation';
import { InputError } from '../../../shared/runtime/errors';
import { listOf } from '../../../shared/runtime/values';
import { countingOf, templateField, tokenField } from '../../shared/tokens';

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

const isNumber = (value: unknown): value is number => typeof value === 'number';

export function curateOptionsOf(options: IDataObject, promptOnly = false): CurateOptions {
	const country =
		typeof options.country === 'string' ? { country: options.country.trim().toUpperCase() } : {};
	const personal = options.personalData;
	return {
		...(promptOnly && { empty: { allowPromptOnly: true } }),
		length: { ...(isNumber(options.maxTokens) && { maxTokens: options.maxTokens }), ...countingOf(options) },
		...(options.languages !== undefined && { language: { allow: listOf(options.languages) } }),
		...(options.licences !== undefined && { licence: { allow: listOf(options.licences) } }),
		...(isNumber(options.minScore) && { score: { minScore: options.minScore } }),
		...balanceOf(options),
		duplicates: { action: options.nearDuplicates === 'group' ? 'group' : 'drop' },
		personalData:
			personal === 'keep'
				? false
				: { action: personal === 'drop' ? 'drop' : 'redact', kinds: PERSONAL_DATA, ...country },
		split: {
			...(isNumber(options.testShare) && { test: options.testShare }),
			...(isNumber(options.validationShare) && { validation: options.validationShare }),
		},
	};
}

function balanceOf({ perSource, perLabel, label }: IDataObject): Pick<CurateOptions, 'balance'> {
	const name = typeof label === 'string' ? label.trim() : '';
	if (isNumber(perLabel) !== (name !== '')) {
		throw new InputError(
			'To balance a label, add both options: the label’s name and the most records of one of its values.',
		);
	}
	const balance = {
		...(isNumber(perSource) && { perSource }),
		...(isNumber(perLabel) && { perLabel: { label: name, max: perLabel } }),
	};
	return Object.keys(balance).length === 0 ? {} : { balance };
}
