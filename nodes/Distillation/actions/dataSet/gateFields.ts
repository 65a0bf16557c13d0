import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { PERSONAL_DATA, type CurateOptions } from '../../../../lib/distillation';
import { listOf } from '../../../shared/fields';

/** Choices about curation; lib documents and defaults the rest. */
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
	{
		displayName: 'Evaluation Questions Field',
		name: 'evaluationField',
		type: 'string',
		default: 'evaluation',
		description: 'Field of the item with a list of texts that must not be in the training data',
	},
	{
		displayName: 'Longest Exchange (Tokens)',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description: 'Prompt and answer together; longer ones are rejected',
	},
	{
		displayName: 'Lowest Score',
		name: 'minScore',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description: 'Records whose judge score is lower are rejected; those without a score stay',
	},
	{
		displayName: 'Most per Source',
		name: 'perSource',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Most records of one document or workflow',
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

export function curateOptionsOf(
	options: IDataObject,
	evaluation: readonly string[],
	promptOnly: boolean,
): CurateOptions {
	const country =
		typeof options.country === 'string' ? { country: options.country.trim().toUpperCase() } : {};
	const personal = options.personalData;
	return {
		...(promptOnly && { empty: { allowPromptOnly: true } }),
		...(isNumber(options.maxTokens) && { length: { maxTokens: options.maxTokens } }),
		...(options.languages !== undefined && { language: { allow: listOf(options.languages) } }),
		...(options.licences !== undefined && { licence: { allow: listOf(options.licences) } }),
		...(isNumber(options.minScore) && { score: { minScore: options.minScore } }),
		...(isNumber(options.perSource) && { balance: { perSource: options.perSource } }),
		...(evaluation.length > 0 && { contamination: { evaluation } }),
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
