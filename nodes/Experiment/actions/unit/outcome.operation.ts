import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Outcome } from '../../../../lib/experiment';
import { InputError } from '../../../shared/runtime/errors';
import { valueAt } from '../../../shared/runtime/values';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, experimentOf, unitField, unitOf } from '../../shared/fields';
import { forEachGroup } from '../../shared/groups';
import { experimentStoreFor } from '../../shared/stores';
import { outcomeValue } from '../../shared/values';

interface Request {
	readonly experiment: string;
	readonly unit: string;
	readonly outcomes: readonly Outcome[];
	/** Metrics without a value in this item. */
	readonly skipped: readonly string[];
	readonly replace: boolean;
}

export const outcome: Operation = {
	option: {
		name: 'Record Outcome',
		value: 'outcome',
		action: 'Record what came of a unit',
		description: 'Keeps what came of a unit: success, time, cost. Sending the same again changes nothing.',
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
			description: 'The metric to decide by, and those that must not suffer (seconds, error, cost)',
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
							description: 'What is measured, by a name of your own',
						},
						{
							displayName: 'Value',
							name: 'value',
							type: 'string',
							default: '',
							placeholder: '={{ $json.timings.totalMs / 1000 }}',
							description: 'A number, or true/false, yes/no, up/down (1 and 0). Empty: not recorded.',
						},
					],
				},
			],
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				{
					displayName: 'If Recorded Before',
					name: 'ifKnown',
					type: 'options',
					default: 'keep',
					description: 'What happens when this outcome of the unit is there already',
					options: [
						{ name: 'Keep the First', value: 'keep' },
						{ name: 'Replace It', value: 'replace' },
					],
				},
				{
					displayName: 'Outcome ID Field',
					name: 'eventField',
					type: 'string',
					default: '',
					placeholder: 'requestId',
					description:
						'Field that tells several outcomes of a unit apart, such as a request. They count as one: their mean. Empty: one outcome per unit and metric.',
				},
				{
					displayName: 'Time',
					name: 'time',
					type: 'dateTime',
					default: '',
					description: 'When it happened; empty: now',
				},
			],
		},
	],
	execute: async (context) =>
		await forEachGroup(
			context,
			(itemIndex) => {
				const request = read(context, itemIndex);
				return { groupOf: JSON.stringify([request.experiment, request.replace]), request };
			},
			async (members) => {
				const [first] = members;
				if (first === undefined) return [];
				const { experiment, replace } = first.request;
				const store = await experimentStoreFor(context, first.itemIndex);
				const recorded = await store.record(
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

function read(context: IExecuteFunctions, itemIndex: number): Request {
	const json = context.getInputData()[itemIndex]?.json ?? {};
	const unit = unitOf(context, json, itemIndex);
	const options = context.getNodeParameter('options', itemIndex, {});
	const shared = { unit, event: eventOf(json, options), at: timeOf(options.time) };
	const form = context.getNodeParameter('outcomes.values', itemIndex, []) as Array<{
		readonly metric?: string;
		readonly value?: unknown;
	}>;
	const outcomes: Outcome[] = [];
	const skipped: string[] = [];
	for (const { metric = '', value } of form) {
		const name = metric.trim();
		if (name === '') throw new InputError('An outcome has no metric. Give it a name.');
		const number = outcomeValue(name, value);
		if (number === undefined) skipped.push(name);
		else outcomes.push({ ...shared, metric: name, value: number });
	}
	if (outcomes.length === 0)
		throw new InputError(
			skipped.length === 0
				? 'No outcome is named. Add at least one.'
				: `There is no value for ${skipped.join(', ')}: check the expressions, or filter such items out before.`,
		);
	return {
		experiment: experimentOf(context, itemIndex),
		unit,
		outcomes,
		skipped,
		replace: options.ifKnown === 'replace',
	};
}

function eventOf(json: IDataObject, { eventField }: IDataObject): string | undefined {
	if (typeof eventField !== 'string' || eventField.trim() === '') return undefined;
	const event = valueAt(json, eventField.trim());
	if (typeof event === 'number') return String(event);
	if (typeof event === 'string' && event.trim() !== '') return event.trim();
	throw new InputError(
		`The item has no ID of the outcome in the field "${eventField}": without one, outcomes of a unit cannot be told apart.`,
	);
}

function timeOf(time: unknown): number | undefined {
	if (time === undefined || time === null || time === '') return undefined;
	const at = time instanceof Date ? time.getTime() : Date.parse(String(time as string | number));
	if (Number.isNaN(at))
		throw new InputError(`"${String(time as string)}" is not a time. Write it like 2026-01-31T12:00:00Z.`);
	return at;
}
