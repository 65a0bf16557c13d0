import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { type Assignment, assignVariant, type Variant } from '../../../../lib/experiment';
import { DatabaseError } from '../../../../lib/support/database';
import { describeType, tryJson } from '../../../shared/runtime/values';
import { InputError } from '../../../shared/runtime/errors';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, experimentOf, unitField, unitOf } from '../../shared/fields';
import { forEachGroup, type Member } from '../../shared/groups';
import { experimentStoreFor } from '../../shared/stores';

interface FormVariant {
	readonly name?: string;
	readonly weight?: number;
	readonly settings?: unknown;
}
interface Request {
	readonly experiment: string;
	readonly unit: string;
	readonly variants: readonly Variant[];
	readonly settings: readonly IDataObject[];
	readonly outputField: string;
}

export const assign: Operation = {
	option: {
		name: 'Assign',
		value: 'assign',
		action: 'Assign a unit to a variant',
		description: 'Gives each item the variant of its unit, always the same one, with the variant’s settings',
	},
	fields: [
		...experimentFields,
		unitField,
		{
			displayName: 'Variants',
			name: 'variants',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			default: {
				values: [
					{ name: 'control', settings: '{}', weight: 1 },
					{ name: 'new', settings: '{}', weight: 1 },
				],
			},
			placeholder: 'Add Variant',
			description: 'What is compared; the first is the control',
			options: [
				{
					displayName: 'Variant',
					name: 'values',
					values: [
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'short-prompt',
							description: 'What it is called in the report',
						},
						{
							displayName: 'Settings',
							name: 'settings',
							type: 'json',
							default: '{}',
							placeholder: '{ "model": "qwen3:8b", "prompt": "Answer in two sentences." }',
							description:
								'Goes along with the item, for later nodes to use: a model, a prompt, a temperature',
						},
						{
							displayName: 'Weight',
							name: 'weight',
							type: 'number',
							typeOptions: { minValue: 0, numberPrecision: 3 },
							default: 1,
							description: 'Share of the units relative to the other variants',
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
					displayName: 'Output Field',
					name: 'outputField',
					type: 'string',
					default: 'experiment',
					description:
						'Field of the item that gets name, variant and settings; another one for a second experiment',
				},
			],
		},
	],
	execute: async (context) => {
		let unremembered: string | undefined;
		const output = await forEachGroup(
			context,
			(itemIndex) => {
				const request = read(context, itemIndex);
				return { groupOf: JSON.stringify([request.experiment, request.variants]), request };
			},
			async (members) => {
				const [first] = members;
				if (first === undefined) return [];
				const { experiment, variants } = first.request;
				const { assigned, warning } = await assignAll(
					context,
					first,
					members.map(({ request }) => request.unit),
				);
				unremembered ??= warning;
				return members.map(({ itemIndex, request }, position) => {
					const item = context.getInputData()[itemIndex];
					const { variant = '', ...more } = assigned[position] ?? {};
					const settings = request.settings[variants.findIndex(({ name }) => name === variant)] ?? {};
					return {
						json: {
							...item?.json,
							[request.outputField]: {
								name: experiment,
								variant,
								settings,
								...more,
								...(warning !== undefined && { warning }),
							},
						},
						binary: item?.binary,
					};
				});
			},
		);
		if (unremembered !== undefined)
			context.addExecutionHints({ message: unremembered, location: 'outputPane', type: 'warning' });
		return output;
	},
};

/** What the store says; the bare draw, with a warning, where the store is out of reach: the flow has to go on. */
async function assignAll(
	context: IExecuteFunctions,
	{ itemIndex, request: { experiment, variants } }: Member<Request>,
	units: readonly string[],
): Promise<{ readonly assigned: readonly Assignment[]; readonly warning?: string }> {
	const attempt = experimentStoreFor(context, itemIndex).then((store) =>
		store.assign(experiment, variants, units),
	);
	const [result] = await Promise.allSettled([attempt]);
	if (result.status === 'fulfilled') return { assigned: result.value };
	if (!(result.reason instanceof DatabaseError)) return { assigned: await attempt };
	return {
		assigned: units.map((unit) => ({
			variant: assignVariant(experiment, unit, variants),
			isNew: false,
			counted: false,
			ended: false,
		})),
		warning: `The assignment could not be remembered, so this unit does not count: ${result.reason.message}`,
	};
}

function read(context: IExecuteFunctions, itemIndex: number): Request {
	const json = context.getInputData()[itemIndex]?.json ?? {};
	const form = context.getNodeParameter('variants.values', itemIndex, []) as FormVariant[];
	const outputField = (
		context.getNodeParameter('options.outputField', itemIndex, 'experiment') as string
	).trim();
	if (outputField === '') throw new InputError('Name the output field.');
	return {
		experiment: experimentOf(context, itemIndex),
		unit: unitOf(context, json, itemIndex),
		variants: form.map(({ name = '', weight = 1 }) => ({ name: name.trim(), weight })),
		settings: form.map(({ name = '', settings }) => settingsOf(name, settings)),
		outputField,
	};
}

function settingsOf(name: string, given: unknown): IDataObject {
	if (given === undefined || given === null || given === '') return {};
	const { value, problem } = typeof given === 'string' ? tryJson(given) : { value: given };
	if (problem !== undefined)
		throw new InputError(`The settings of variant "${name}" are not valid JSON: ${problem}`);
	if (value === null || typeof value !== 'object' || Array.isArray(value))
		throw new InputError(
			`The settings of variant "${name}" should be an object like { "model": "…" }, but are ${describeType(value)}.`,
		);
	return value as IDataObject;
}
