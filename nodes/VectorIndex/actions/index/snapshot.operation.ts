import { optionsField } from '../../../shared/fields/optionsField';
import { Readable } from 'node:stream';
import { snapshotIndex } from '../../../../lib/vectorIndex';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';

export const snapshot: Operation = {
	option: {
		name: 'Snapshot',
		value: 'snapshot',
		action: 'Take a snapshot of an index',
		description:
			'Writes the whole index to one file, for a backup or a move. It can be restored on this machine or in Qdrant.',
	},
	fields: [...indexFields, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const { name } = await addressFor(item);
			const index = await openIndexFor(item);
			const { rows, model } = await index.info();
			const file = `${name}-${new Date().toISOString().slice(0, 10)}.jsonl.gz`;
			const data = await watched(
				run,
				item,
				{ task: 'Snapshot', subject: name, unit: 'rows' },
				async (call) =>
					await run.context.helpers.prepareBinaryData(
						Readable.from(snapshotIndex(index, call)),
						file,
						'application/gzip',
					),
				signal,
			);
			return { json: { index: name, rows, model, file }, binary: { data } };
		}),
};
