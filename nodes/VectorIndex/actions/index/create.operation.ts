import { optionsField } from '../../../shared/fields/optionsField';
import { createIndex, type IndexSettings } from '../../../../lib/vectorIndex';
import { assertIndexSpace } from '../../../../lib/ingest';
import { embedderFor } from '../../../shared/runtime/embedders';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { layoutFields, layoutOf } from './layout';
import { presetField } from './preset';

export const create: Operation = {
	option: {
		name: 'Create',
		value: 'create',
		action: 'Create an index',
		description:
			'Creates an empty index. Sync Documents creates the index by itself, so you rarely need this.',
	},
	fields: [
		...indexFields,
		embeddingField,
		presetField,
		...layoutFields,
		{
			displayName: 'If It Exists',
			name: 'ifExists',
			type: 'options',
			default: 'open',
			description: 'What to do if an index with this name exists',
			options: [
				{ name: 'Fail', value: 'fail' },
				{ name: 'Keep It', value: 'open', description: 'If it was created with the same embedding model' },
			],
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const embedder = await embedderFor(run.context, item.choice('embedding'), item.index);
			const { model, dimensions, id } = await embedder.fingerprint({ signal });
			const index = await createIndex(
				await addressFor(item),
				{
					model,
					dimensions,
					fingerprint: id,
					preset: item.choice<NonNullable<IndexSettings['preset']>>('preset'),
					layout: layoutOf(item),
				},
				{ ifExists: item.choice<'fail' | 'open'>('ifExists') },
			);
			// From now on it is known when the model gives other vectors under the same name.
			await assertIndexSpace(index, embedder, { signal });
			return { json: { ...(await index.info()) } };
		}),
};
