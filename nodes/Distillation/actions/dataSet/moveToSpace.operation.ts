import path from 'node:path';
import { moveDataSet } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { distillationDirectoryOf } from '../../../shared/runtime/recordStores';
import { defaultSpaceOfHost, distillationIn, spaceKeyFor } from '../../../shared/runtime/spaces';
import { dataSetNameField } from './nameField';

export const moveSetToSpace: Operation = {
	option: {
		name: 'Move to Space',
		value: 'moveToSpace',
		action: 'Move a data set to a space',
		description:
			'Moves a data set in n8n’s own folder from the default space into the space of the credential',
	},
	fields: [dataSetNameField, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const name = item.text('dataSetName');
			const { name: space } = await spaceKeyFor(item);
			const setsIn = (folder: string): string => path.join(folder, 'data-sets');
			const to = setsIn(await distillationDirectoryOf(item));
			const folder = await moveDataSet(name, setsIn(distillationIn(defaultSpaceOfHost())), to);
			return { json: { space, dataSet: name, folder } };
		}),
};
