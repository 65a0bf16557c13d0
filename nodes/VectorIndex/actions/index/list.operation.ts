import { indexFields } from '../../../shared/fields/indexFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import { listIndexesOf, storeTargetOf } from '../../../shared/runtime/indexes';
import type { Operation } from '../../../shared/runtime/operations';

const fields = indexFields.filter(({ name }) => name === 'backend');

export const list: Operation = {
	option: {
		name: 'List',
		value: 'list',
		action: 'List indexes',
		description: 'Lists the names of all indexes, one item each',
	},
	fields,
	tool: { description: 'Lists the names of all indexes of documents.', fields },
	// Items that ask for the same place get one list, not one each.
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({ target: await storeTargetOf(item), request: undefined }),
			async ({ target, members }) => {
				const found = await listIndexesOf(target);
				const last = run.tool
					? [{ json: { indexes: found.map(({ name }) => name) } }]
					: found.map(({ name, problem }) => ({ json: { name, ...(problem !== undefined && { problem }) } }));
				return { members: members.map(() => []), last };
			},
		),
};
