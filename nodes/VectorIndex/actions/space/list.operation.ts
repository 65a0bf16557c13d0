import { listSpaces } from '../../../../lib/spaces';
import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { dataDirectory } from '../../../shared/runtime/dataDirectory';
import { administratorKey, spaceKeyFor } from '../../../shared/runtime/spaces';

export const listOperation: Operation = {
	option: {
		name: 'List',
		value: 'list',
		action: 'List spaces',
		description:
			'Returns the spaces of this n8n, one item each. Only the administrator can run it: with a credential for the space "administrator".',
	},
	fields: [optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const given = await spaceKeyFor(item);
			const spaces = await listSpaces(dataDirectory(), given, administratorKey());
			return spaces.map((space) => ({ json: { ...space } }));
		}),
};
