import type { IDataObject } from 'n8n-workflow';
import { type Assignment, assignVariant, type Variant } from '../../../../lib/experiment';
import { DatabaseError } from '../../../../lib/support/database';
import { optionsField } from '../../../shared/fields/optionsField';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { experimentFields, unitField } from '../../shared/fields';
import { type ExperimentTarget, experimentTargetOf, openExperimentStore } from '../../shared/stores';

interface Target extends ExperimentTarget {
	readonly variants: readonly Variant[];
}

interface Request {
	readonly unit: string;
	readonly settings: readonly IDataObject[];
	readonly outputField: string;
}

export const assign: Operation = {
	option: {
		name: 'Assign',
		value: 'assign',
		action: 'Assign a unit to a variant',
		description: 'Gives each item a variant with its settings. The same unit always gets the same variant.',
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
			description: 'Variants to compare. The first one is the control.',
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
							description: 'Name of the variant in the report',
						},
						{
							displayName: 'Settings',
							name: 'settings',
							type: 'json',
							default: '{}',
							placeholder: '{ "model": "qwen3:8b", "prompt": "Answer in two sentences." }',
							description:
								'Values that are added to the item for later nodes, such as a model, a prompt or a temperature',
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
		optionsField([
			{
				displayName: 'Output Field',
				name: 'outputField',
				type: 'string',
				default: 'experiment',
				description:
					'Name of the field that gets name, variant and settings. Use another one for a second experiment.',
			},
		]),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => await read(item),
			async ({ target, members }) => {
				const { experiment, variants } = target;
				const { assigned, warning } = await assignAll(
					target,
					members.map(({ request }) => request.unit),
				);
				if (warning !== undefined) run.hint(warning);
				return members.map(({ request }, position) => {
					const { variant = '', ...more } = assigned[position] ?? {};
					const settings = request.settings[variants.findIndex(({ name }) => name === variant)] ?? {};
					const chosen = { name: experiment, variant, settings, ...more };
					return {
						json: { [request.outputField]: { ...chosen, ...(warning !== undefined && { warning }) } },
					};
				});
			},
		),
};

/** What the store says; the bare draw, with a warning, where the store is out of reach: the flow has to go on. */
async function assignAll(
	{ experiment, variants, store }: Target,
	units: readonly string[],
): Promise<{ readonly assigned: readonly Assignment[]; readonly warning?: string }> {
	const attempt = openExperimentStore(store).then((opened) => opened.assign(experiment, variants, units));
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

async function read(item: NodeItem): Promise<{ readonly target: Target; readonly request: Request }> {
	const rows = item.rows('variants.values');
	return {
		target: {
			...(await experimentTargetOf(item)),
			variants: rows.map((row) => ({ name: row.text('name'), weight: row.number('weight') })),
		},
		request: {
			unit: item.pointedName('unitField'),
			settings: rows.map((row) => row.object('settings') ?? {}),
			outputField: item.optionalText('options.outputField') ?? 'experiment',
		},
	};
}
