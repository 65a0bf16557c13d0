import type { INodeProperties } from 'n8n-workflow';
import { transfer } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { addressFor, addressOnThisMachine } from '../../../shared/runtime/indexes';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { layoutFields, layoutOf } from './layout';

const directionField: INodeProperties = {
	displayName: 'Direction',
	name: 'direction',
	type: 'options',
	default: 'toQdrant',
	description: 'Where the index is moved to. It keeps its name.',
	options: [
		{
			name: 'Back to This Machine',
			value: 'toMachine',
			description: 'From Qdrant into the folder of n8n, with everything that was stored since',
		},
		{ name: 'To Qdrant', value: 'toQdrant', description: 'From the folder of n8n to the Qdrant server' },
	],
};

export const moveOperation: Operation = {
	option: {
		name: 'Move',
		value: 'move',
		action: 'Move an index to Qdrant or back',
		description:
			'Moves an index from this machine to Qdrant, or back, while it is searched and written. Run it again if it was interrupted.',
	},
	fields: [
		...indexFields.map((field) =>
			field.name === 'index'
				? { ...field, modes: field.modes?.filter(({ name }) => name === 'name') }
				: {
						...field,
						default: 'qdrant',
						// With Qdrant as the only choice, n8n would take the field for a part of the credential and hide it,
						// and with it Resource and Operation of the whole node.
						description: 'The server that the index is moved to, or back from: select Qdrant',
					},
		),
		directionField,
		{
			displayName:
				'From the moment of the switch, the index can be written in the new place only. Then set <b>Stored In</b> of the other nodes to it. The old place can be searched until you drop the index there.',
			name: 'moveNotice',
			type: 'notice',
			default: '',
		},
		...layoutFields,
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const direction = item.choice<'toQdrant' | 'toMachine'>('direction');
			const layout = layoutOf(item);
			const server = await addressFor(item);
			if (server.backend !== 'qdrant')
				throw new InputError(
					'Select Qdrant under "Stored In", and the credential of the server. "Direction" says where the index is moved to.',
				);
			const machine = await addressOnThisMachine(item);
			const [from, to] = direction === 'toQdrant' ? [machine, server] : [server, machine];
			const report = await watched(
				run,
				item,
				{ task: 'Move', subject: to.name, unit: 'rows' },
				async (call) => await transfer(from, to, { layout }, call),
				item.signal,
			);
			const storedIn = direction === 'toQdrant' ? 'Qdrant' : 'This Machine (Embedded)';
			return {
				json: {
					...{ index: to.name, storedIn, ...report },
					writersWaitedMs: Math.round(report.writersWaitedMs),
					totalMs: Math.round(report.totalMs),
					next: `Set Stored In to "${storedIn}" in the nodes that use the index "${to.name}". When they work, drop the index in the old place.`,
				},
			};
		}),
};
