import { PERSONAL_DATA, type CurateOptions } from '../../../../lib/distillation';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { defined } from '../../../shared/runtime/values';
import { countingOf } from '../../shared/tokens';

/** The gates as the node's options say. @param unanswered whether records without an answer may pass */
export function gatesOf(item: NodeItem, unanswered = false): CurateOptions {
	const number = (name: string) => item.optionalNumber(`options.${name}`);
	const list = (name: string) => {
		const allow = item.list(`options.${name}`);
		return allow.length === 0 ? undefined : { allow };
	};
	const minScore = number('minScore');
	const country = item.optionalText('options.country')?.toUpperCase();
	const personal = item.optionalChoice('options.personalData');
	return {
		...(unanswered && { empty: { allowPromptOnly: true } }),
		length: { ...defined({ maxTokens: number('maxTokens') }), ...countingOf(item) },
		...defined({
			language: list('languages'),
			licence: list('licences'),
			score: minScore === undefined ? undefined : { minScore },
		}),
		...balanceOf(item),
		duplicates: { action: item.optionalChoice<'drop' | 'group'>('options.nearDuplicates') ?? 'drop' },
		personalData:
			personal === 'keep'
				? false
				: {
						action: personal === 'drop' ? 'drop' : 'redact',
						kinds: PERSONAL_DATA,
						...defined({ country }),
					},
		split: defined({ test: number('testShare'), validation: number('validationShare') }),
	};
}

function balanceOf(item: NodeItem): Pick<CurateOptions, 'balance'> {
	const perSource = item.optionalNumber('options.perSource');
	const max = item.optionalNumber('options.perLabel');
	const label = item.optionalText('options.label');
	if ((max === undefined) !== (label === undefined)) {
		throw new InputError(
			'To balance a label, add both options: "Label to Balance" and "Maximum per Label Value".',
		);
	}
	const balance = defined({
		perSource,
		perLabel: label === undefined || max === undefined ? undefined : { label, max },
	});
	return Object.keys(balance).length === 0 ? {} : { balance };
}
