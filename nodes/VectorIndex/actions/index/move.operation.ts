import type { INodeProperties } from 'n8n-workflow';
import { transfer } from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import type { IndexAddress } from '../../../../lib/vectorIndex';
import { addressFor, addressOnNewServer, addressOnThisMachine } from '../../../shared/runtime/indexes';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
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
		{
			name: 'To Another Qdrant Server',
			value: 'toServer',
			description: 'From the Qdrant server of the credential to another one, for example to a cluster',
		},
		{ name: 'To Qdrant', value: 'toQdrant', description: 'From the folder of n8n to the Qdrant server' },
	],
};

const newServerField: INodeProperties = {
	displayName: 'New Server',
	name: 'newServer',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'http://qdrant-1:6333, http://qdrant-2:6333',
	description:
		'Address of the Qdrant server that the index is moved to, or the addresses of the nodes of a cluster, separated by commas. If the server has an API key, select a Header Auth credential with the name "api-key" and the key as its value.',
	displayOptions: { show: { direction: ['toServer'] } },
};

type Direction = 'toQdrant' | 'toMachine' | 'toServer';

/** Where the index is, and where it is moved to. */
async function endsOf(
	item: NodeItem,
	direction: Direction,
	server: IndexAddress,
): Promise<{ readonly from: IndexAddress; readonly to: IndexAddress }> {
	if (direction === 'toServer') return { from: server, to: await addressOnNewServer(item) };
	const machine = await addressOnThisMachine(item);
	return direction === 'toQdrant' ? { from: machine, to: server } : { from: server, to: machine };
}

export const moveOperation: Operation = {
	option: {
		name: 'Move',
		value: 'move',
		action: 'Move an index to Qdrant or back',
		description:
			'Moves an index from this machine to Qdrant, back, or to another Qdrant server, while it is searched and written. Run it again if it was interrupted.',
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
						description: 'The server that the index is moved to, or from: select Qdrant',
					},
		),
		directionField,
		newServerField,
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
			const direction = item.choice<Direction>('direction');
			const layout = layoutOf(item);
			const server = await addressFor(item);
			if (server.backend !== 'qdrant')
				throw new InputError(
					'Select Qdrant under "Stored In", and the credential of the server. "Direction" says where the index is moved to.',
				);
			const { from, to } = await endsOf(item, direction, server);
			const report = await watched(
				run,
				item,
				{ task: 'Move', subject: to.name, unit: 'rows' },
				async (call) => await transfer(from, to, { layout }, call),
				item.signal,
			);
			const storedIn = to.backend === 'qdrant' ? 'Qdrant' : 'This Machine (Embedded)';
			const select =
				direction === 'toServer'
					? 'Select a Qdrant API credential of the new server'
					: `Set Stored In to "${storedIn}"`;
			return {
				json: {
					...{ index: to.name, storedIn, ...report },
					writersWaitedMs: Math.round(report.writersWaitedMs),
					totalMs: Math.round(report.totalMs),
					next: `${select} in the nodes that use the index "${to.name}". When they work, drop the index in the old place.`,
				},
			};
		}),
};
