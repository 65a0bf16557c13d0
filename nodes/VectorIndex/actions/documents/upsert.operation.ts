import { assertIndexSpace, upsertTexts } from '../../../../lib/ingest';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField, textField } from '../../../shared/fields/pathField';
import { engineKey } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachGroup } from '../../../shared/runtime/groups';
import { indexTargetOf, openOrCreateIndex } from '../../../shared/runtime/indexes';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { assertOneModel, rowOf } from './rowInput';

export const upsert: Operation = {
	option: {
		name: 'Create or Update',
		value: 'upsert',
		action: 'Upsert rows into an index',
		description: 'Create a new record, or update the current one if it already exists (upsert)',
	},
	fields: [
		...indexFields,
		{
			...embeddingField,
			description: `${embeddingField.description}. An index keeps the model that it was created with.`,
		},
		textField,
		pathField({
			displayName: 'Source Field',
			name: 'sourceField',
			required: true,
			default: 'source',
			description:
				'Name of the field that holds the name of the document, or an expression that returns the name',
		}),
		pathField({
			displayName: 'Metadata Field',
			name: 'metadataField',
			default: 'metadata',
			description: 'Name of the field that holds an object with values to filter by',
		}),
		{
			displayName: 'Metadata',
			name: 'metadata',
			type: 'json',
			default: '{}',
			placeholder: '{ "department": "sales" }',
			description: 'More values to filter by, as JSON. Values in the item’s metadata field have priority.',
		},
		pathField({
			displayName: 'Vector Field',
			name: 'vectorField',
			placeholder: 'embedding',
			description:
				'Name of the field that holds a vector of the index’s own model, for example from Late Chunking in the Chunker. If empty, this node embeds the text.',
		}),
		optionsField(),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({
				target: {
					index: await indexTargetOf(item),
					embedding: item.choice('embedding'),
					engines: await engineKey(item.context, item.index),
				},
				request: rowOf(item),
			}),
			async ({ target, members, first }) => {
				const { name } = target.index.address;
				const { index, embedder } = await openOrCreateIndex(target.index, target.embedding, first);
				const failures = new Map<number, string>();
				const rows = members.map(({ request }) => request);
				assertOneModel(rows, embedder);
				await watched(
					run,
					first,
					{ task: 'Create or Update', subject: name, unit: 'rows' },
					async ({ signal, onProgress }) => {
						const { id: fingerprint } = await assertIndexSpace(index, embedder, { signal });
						await upsertTexts(index, rows, embedder, {
							...{ signal, fingerprint },
							onProgress: ({ done }) => onProgress({ done, total: rows.length }),
							onFailure: ({ position, reason }) => failures.set(position, reason),
						});
					},
				);
				return rows.map(({ point }, position) => {
					const reason = failures.get(position);
					if (reason !== undefined) return { error: new InputError(reason) };
					return { json: { index: name, source: point.source, state: 'written' } };
				});
			},
		),
};
