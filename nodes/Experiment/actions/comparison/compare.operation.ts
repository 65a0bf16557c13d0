import type { IDataObject } from 'n8n-workflow';
import { comparePreferences, type Preference, preferencesPage } from '../../../../lib/experiment';
import { mapAll, messageOf } from '../../../../lib/support';
import { enginePlaces } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachGroup, type Group, type GroupOutcome } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { showReport } from '../../../shared/runtime/reports';
import type { Run } from '../../../shared/runtime/run';
import { type Answered, answered, type Asked, requestOf, type Target } from './answers';
import { compareFields } from './compareFields';

/** What became of a question. */
type Result = Answered | { readonly question: string; readonly error: unknown };

export const compare: Operation = {
	option: {
		name: 'Compare',
		value: 'compare',
		action: 'Compare two prompts or two models',
		description:
			'Asks the same questions with two prompts or two models and says which one gives better answers, or that there are too few questions to say',
	},
	fields: compareFields,
	execute: async (run) => await forEachGroup(run, requestOf, async (group) => await compareGroup(run, group)),
};

async function compareGroup(run: Run, group: Group<Target, Asked>): Promise<GroupOutcome> {
	const { target, members, first } = group;
	const results = await watched(
		run,
		first,
		{ task: 'Compare', subject: target.title, unit: 'questions' },
		async ({ signal, onProgress }) => {
			let done = 0;
			return await mapAll(
				members,
				target.places ?? (await enginePlaces(first.context, first.index)),
				async ({ item, request }, stop): Promise<Result> => {
					const result = await answered(item, target, request, stop).catch((error: unknown) => {
						// Cancelled is not failed: then nothing is compared.
						signal?.throwIfAborted();
						return { question: request.question, error };
					});
					onProgress({ done: ++done, total: members.length });
					return result;
				},
				signal,
			);
		},
	);
	if (target.output === 'perQuestion') {
		return results.map((result) => ('error' in result ? { error: result.error } : { json: jsonOf(result) }));
	}
	return { shared: await reportOf(run, group, results) };
}

const jsonOf = ({ question, answerA, answerB, preference }: Answered): IDataObject => ({
	...{ question, answerA, answerB },
	...(preference !== undefined && { preference }),
});

async function reportOf(run: Run, { target, first }: Group<Target, Asked>, results: readonly Result[]) {
	const whole = results.flatMap((result) => ('error' in result ? [] : [result]));
	const failed = results.flatMap((result) =>
		'error' in result ? [{ question: result.question, reason: messageOf(result.error) }] : [],
	);
	if (whole.length === 0) throw new InputError(`No question could be compared. ${failed[0]?.reason ?? ''}`);
	if (failed.length > 0)
		run.hint(`${failed.length} of ${results.length} questions were left out. ${failed[0]?.reason ?? ''}`);
	const preferences = whole.flatMap(({ preference }): Preference[] => (preference ? [preference] : []));
	const found = comparePreferences(preferences);
	const { report, file } = await showReport(run, first, {
		title: target.title,
		task: 'Compare',
		html: preferencesPage(target.title, found, whole),
		file: 'comparison.html',
	});
	return {
		json: {
			...found,
			preferB: percent(found.preferB),
			failed,
			report,
			results: whole.map(jsonOf),
		},
		binary: { page: file },
	};
}

/** Shares as percent with one decimal: more digits mean nothing. */
const percent = ({ mean, low, high }: { mean: number; low: number; high: number }): IDataObject => {
	const rounded = (share: number) => Math.round(share * 1000) / 10;
	return { percent: rounded(mean), low: rounded(low), high: rounded(high) };
};
