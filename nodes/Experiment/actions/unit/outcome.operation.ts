import type { Outcome } from '../../../../lib/experiment';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField } from '../../../shared/fields/pathField';
import { InputError } from '../../../shared/runtime/errors';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, unitField } from '../../shared/fields';
import { type ExperimentTarget, experimentTargetOf, openExperimentStore } from '../../shared/stores';
import { outcomeValue } from '../../shared/values';

interface Target extends ExperimentTarget {
	readonly replace: boolean;
}

interface Request {
	readonly unit: string;
	readonly outcomes: readonly Outcome[];
	/** Metrics without a value in this item. */
	readonly skipped: readonly string[];
}

export const outcome: Operation = {
	option: {
		name: 'Record Outcome',
		value: 'outcome',
		action: 'Record an outcome of a unit',
		description:
			'Records results of a unit, such as success, time or cost. Sending the same result again changes nothing.',
	},
	fields: [
		...experimentFields,
		unitField,
		{
			displayName: 'Outcomes',
			name: 'outcomes',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: { values: [{ metric: 'solved', value: '={{ $json.solved }}' }] },
			placeholder: 'Add Outcome',
			description:
				'Results to record: the metric that decides, and metrics that must not get worse, such as seconds, errors or cost',
			options: [
				{
					displayName: 'Outcome',
					name: 'values',
					values: [
						{
							displayName: 'Metric',
							name: 'metric',
							type: 'string',
							default: '',
							placeholder: 'seconds',
							description: 'Name of the metric. You can choose any name.',
						},
						{
							displayName: 'Value',
							name: 'value',
							type: 'string',
							default: '',
							placeholder: '={{ $json.timings.totalMs / 1000 }}',
							description:
								'A number, or true/false, yes/no, up/down (counted as 1 and 0). An empty value is not recorded.',
						},
					],
				},
			],
		},
		optionsField([
			{
				displayName: 'If Recorded Before',
				name: 'ifKnown',
				type: 'options',
				default: 'keep',
				description: 'What to do if this outcome of the unit was recorded before',
				options: [
					{ name: 'Keep the First', value: 'keep' },
					{ name: 'Replace It', value: 'replace' },
				],
			},
			pathField({
				displayName: 'Outcome ID Field',
				name: 'eventField',
				placeholder: 'requestId',
				description:
					'Name of the field that holds an ID for each outcome, such as the ID of a request, if a unit has several outcomes. Their mean is used. If empty, there is one outcome per unit and metric.',
			}),
			{
				displayName: 'Time',
				name: 'time',
				type: 'dateTime',
				default: '',
				description: 'When it happened. If empty, the current time is used.',
			},
		]),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => await read(item),
			async ({ target: { experiment, replace, store }, members }) => {
				const opened = await openExperimentStore(store);
				const recorded = await opened.record(
					experiment,
					members.flatMap(({ request }) => request.outcomes),
					{ replace },
				);
				let position = 0;
				return members.map(({ request: { unit, outcomes, skipped } }) => {
					const mine = recorded.slice(position, (position += outcomes.length));
					const metrics = (written: boolean) =>
						outcomes.filter((_, index) => mine[index]?.written === written).map(({ metric }) => metric);
					const variant = mine[0]?.variant;
					return {
						json: {
							experiment,
							unit,
							variant: variant ?? null,
							recorded: metrics(true),
							known: metrics(false),
							skipped: [...skipped],
							late: mine.some(({ late }) => late),
							...(variant === undefined && {
								warning: `The unit "${unit}" has not been assigned in "${experiment}"; its outcome counts once it is.`,
							}),
						},
					};
				});
			},
		),
};

async function read(item: NodeItem): Promise<{ readonly target: Target; readonly request: Request }> {
	const unit = item.pointedName('unitField');
	const shared = { unit, event: eventOf(item), at: item.optionalTime('options.time') };
	const outcomes: Outcome[] = [];
	const skipped: string[] = [];
	for (const row of item.rows('outcomes.values')) {
		const metric = row.text('metric');
		const value = outcomeValue(metric, row.raw('value'));
		if (value === undefined) skipped.push(metric);
		else outcomes.push({ ...shared, metric, value });
	}
	if (outcomes.length === 0)
		throw new InputError(
			skipped.length === 0
				? 'No outcome is named. Add at least one.'
				: `"Value" is empty for ${skipped.join(', ')}: check the expressions, or filter such items out before.`,
		);
	return {
		target: {
			...(await experimentTargetOf(item)),
			replace: item.optionalChoice('options.ifKnown') === 'replace',
		},
		request: { unit, outcomes, skipped },
	};
}

function eventOf(item: NodeItem): string | undefined {
	if (!item.isSet('options.eventField') || item.optionalText('options.eventField') === undefined)
		return undefined;
	return item.pointedName('options.eventField');
}
