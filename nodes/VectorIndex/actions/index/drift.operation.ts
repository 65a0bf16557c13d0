import { optionsField } from '../../../shared/fields/optionsField';
import { checkDrift } from '../../../../lib/ingest';
import { embedderOfIndex } from '../../../shared/runtime/embedders';
import { indexFields } from '../../../shared/fields/indexFields';
import { openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const drift: Operation = {
	option: {
		name: 'Check Drift',
		value: 'drift',
		action: 'Check whether the embedding model has changed',
		description:
			'Checks whether the embedding model still produces the same vectors as when the index was created. Run it on a schedule, and branch on "same".',
	},
	fields: [...indexFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const index = await openIndexFor(item);
			const embedder = await embedderOfIndex(run.context, (await index.settings()).model, item.index);
			return { json: { ...(await checkDrift(index, embedder, { signal })) } };
		}),
};
