import { openIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { vectorsFinished } from '../../../shared/runtime/backgroundVectors';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';

export const finishVectorsOperation: Operation = {
	option: {
		name: 'Finish Vectors',
		value: 'finishVectors',
		action: 'Finish the vectors of an index',
		description:
			'Computes the vectors that a large sync left for later, and waits until every passage can be found by meaning',
	},
	fields: [...indexFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const address = await addressFor(item);
			const index = await openIndex(address);
			const { filled } = await watched(
				run,
				item,
				{ task: 'Finish Vectors', subject: address.name, unit: 'passages' },
				async (call) => await vectorsFinished(address, index, call),
				item.signal,
			);
			const { rows } = await index.pending.coverage();
			return { json: { index: address.name, passages: rows, filled } };
		}),
};
