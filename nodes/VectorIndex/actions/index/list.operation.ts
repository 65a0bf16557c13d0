import { optionsField } from '../../../shared/fields/optionsField';
import { indexFields } from '../../../shared/fields/indexFields';
import { listIndexNames } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const list: Operation = {
	option: {
		name: 'List',
		value: 'list',
		action: 'List indexes',
		description: 'The names of all indexes, one item each',
	},
	fields: [...indexFields.filter(({ name }) => name === 'backend'), optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => (await listIndexNames(item)).map((name) => ({ json: { name } }))),
};
