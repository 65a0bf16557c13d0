import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import {
	filledRecordStoreFor,
	recordStoreFor,
	recordTargetInDefaultSpace,
} from '../../../shared/runtime/recordStores';
import { spaceKeyFor } from '../../../shared/runtime/spaces';

export const moveRecordsToSpace: Operation = {
	option: {
		name: 'Move to Space',
		value: 'moveToSpace',
		action: 'Move records to a space',
		description:
			'Moves all records and feedback of a collection from the default space into the space of the credential. Stop the workflows that record into it first.',
	},
	fields: [...storeFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			// A mistake in a field is named before a missing space is, and nothing is opened before both are there.
			const from = await recordTargetInDefaultSpace(item);
			const { name: space } = await spaceKeyFor(item);
			const target = await recordStoreFor(item);
			const source = await filledRecordStoreFor(item, from);
			const moved = await source.moveTo(target, { signal: item.signal });
			if (moved.kept > 0)
				run.hint(
					`${moved.kept} stayed in the default space: the space has their IDs with another content. Compare the two, and delete one.`,
				);
			return { json: { space, collection: item.text('collection'), ...moved } };
		}),
};
