import type { IDataObject } from 'n8n-workflow';
import { checkGrounding, GROUNDING_THRESHOLDS } from '../../../../lib/answering';
import { likenessVectorsOf } from '../../../../lib/embedding';
import { cosineLimitsOf, withRounded } from '../../../../lib/support';
import { optionsField } from '../../../shared/fields/optionsField';
import { passagesField, pathField } from '../../../shared/fields/pathField';
import { builtinReader } from '../../../shared/runtime/builtin';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { passagesOf } from './passageInput';

const { embedded: threshold } = GROUNDING_THRESHOLDS;

export const grounding: Operation = {
	option: {
		name: 'Check Grounding',
		value: 'grounding',
		action: 'Check an answer against its passages',
		description: 'Checks for each sentence of an answer whether the passages support it',
	},
	fields: [
		pathField({
			displayName: 'Answer Field',
			name: 'answerField',
			required: true,
			default: 'answer',
			description: 'Name of the field that holds the answer, or an expression that returns the answer',
		}),
		passagesField({
			default: 'citations',
			description:
				'Name of the field that holds the passages: the citations of an answer, or all results of a search in their order',
		}),
		optionsField([
			{
				displayName: 'Cited Passages Only',
				name: 'citedOnly',
				type: 'boolean',
				default: true,
				description: 'Whether to compare a sentence that has citations only with the passages that it cites',
			},
			{
				displayName: 'Threshold',
				name: 'threshold',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: threshold,
				description: 'Minimum score of a sentence that counts as supported',
			},
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const reader = builtinReader();
			const limits = cosineLimitsOf(reader.model)?.statements;
			const citedOnly = item.optionalFlag('options.citedOnly');
			const threshold = item.optionalNumber('options.threshold');
			const report = await checkGrounding(
				item.pointedText('answerField'),
				passagesOf(item).map(({ text, marker }) => ({
					text,
					...(marker !== undefined && { label: String(marker) }),
				})),
				limits && {
					meaning: { embed: async (texts, call) => await likenessVectorsOf(reader, texts, call), ...limits },
				},
				{ ...(citedOnly !== undefined && { citedOnly }), ...(threshold !== undefined && { threshold }) },
				{ signal: item.signal },
			);
			const { grounded, share, supported, unsupported, sentences } = report;
			return {
				json: withRounded({
					grounded,
					supportedShare: share,
					supported,
					unsupported,
					sentences: sentences.map(
						(sentence): IDataObject => ({
							...sentence,
							missingNumbers: [...sentence.missingNumbers],
							missingDates: [...sentence.missingDates],
							missingNames: [...sentence.missingNames],
							cited: [...sentence.cited],
							evidence: sentence.evidence && { ...sentence.evidence },
						}),
					),
				}),
			};
		}),
};
