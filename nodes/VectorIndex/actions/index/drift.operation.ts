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
			'Embeds fixed texts again and compares them with what the index was built with; run it on a schedule and branch on "same"',
	},
	fields: [...indexFields],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const index = await openIndexFor(context, itemIndex);
			const embedder = await embedderOfIndex(context, (await index.settings()).model, itemIndex);
			return { json: { ...(await checkDrift(index, embedder, { signal })) } };
		}),
};
