import { optionsField } from '../../../shared/fields/optionsField';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { IDataObject } from 'n8n-workflow';
import { migrate as migrateIndex, type MigrationProbe } from '../../../../lib/ingest';
import type { IndexLayout, IndexSettings } from '../../../../lib/vectorIndex';
import { withRounded } from '../../../../lib/support';
import { chunkingFields } from '../../../shared/fields/chunkingFields';
import { chunkOptionsOf } from '../../../shared/runtime/chunking';
import { embedderFor, embedderOfIndex } from '../../../shared/runtime/embedders';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { InputError } from '../../../shared/runtime/errors';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { otherNodes, otherNodesNotice } from './otherNodes';
import { layoutFields, layoutOf } from './layout';
import { presetField } from './preset';

export const migrate: Operation = {
	option: {
		name: 'Migrate',
		value: 'migrate',
		action: 'Migrate an index to new settings',
		description:
			'Rebuilds an index with another embedding model or other chunks, checks it, and then switches to it. Search works all the time.',
	},
	fields: [
		...indexFields,
		{
			...embeddingField,
			default: 'keep',
			description: 'Model that turns text into vectors after the migration',
			options: [
				{ name: 'No Change', value: 'keep', description: 'Keeps the model, and changes only other settings' },
				...(embeddingField.options ?? []),
			],
		},
		otherNodesNotice,
		{
			displayName: 'Change Chunking',
			name: 'changeChunking',
			type: 'boolean',
			default: false,
			description:
				'Whether to split the documents again with new chunk settings. If off, the existing chunks are kept.',
		},
		...chunkingFields.map((field) => ({ ...field, displayOptions: { show: { changeChunking: [true] } } })),
		{
			...presetField,
			default: 'keep',
			options: [{ name: 'No Change', value: 'keep' }, ...(presetField.options ?? [])],
		},
		...layoutFields.map((field) =>
			field.name === 'layout'
				? {
						...field,
						default: 'keep',
						options: [{ name: 'No Change', value: 'keep' }, ...(field.options ?? [])],
					}
				: field,
		),
		{
			displayName: 'Probe Questions',
			name: 'probes',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {},
			placeholder: 'Add Question',
			description:
				'Test questions. The new version is used only if it finds the right document for each of them.',
			options: [
				{
					displayName: 'Question',
					name: 'values',
					values: [
						{
							displayName: 'Question',
							name: 'query',
							type: 'string',
							default: '',
							description: 'Question to ask',
						},
						{
							displayName: 'Source',
							name: 'source',
							type: 'string',
							default: '',
							description: 'Name of the document that answers it',
						},
					],
				},
			],
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const choice = item.choice('embedding');
			const preset = item.choice<NonNullable<IndexSettings['preset']> | 'keep'>('preset');
			const layout = layoutOf(item);
			const embedder =
				choice === 'keep'
					? await embedderOfIndex(
							run.context,
							(await (await openIndexFor(item)).settings()).model,
							item.index,
						)
					: await embedderFor(run.context, choice, item.index);
			const address = await addressFor(item);
			const settings = {
				embedder,
				...(item.flag('changeChunking') && { chunking: chunkOptionsOf(item) }),
				settings: {
					...(preset !== 'keep' && { preset }),
					...(await changedLayout(item, layout)),
				},
				probes: probesOf(item),
			};
			const report = await watched(
				run,
				item,
				{ task: 'Migrate', subject: address.name, unit: 'documents' },
				async (call) => await migrateIndex(address, settings, call),
				signal,
			);
			const isOther = report.state === 'switched' && choice !== 'keep' && report.notice !== undefined;
			const next = isOther ? otherNodes(address.name, labelOf(choice), choice === 'engine') : [];
			for (const each of next) run.hint(each);
			return {
				json: withRounded({
					...report,
					...(isOther && { next }),
					verification: report.verification && { ...report.verification },
				}) as IDataObject,
			};
		}),
};

/** The layout of the new version where it is to be another one; what is not named stays. */
async function changedLayout(
	item: NodeItem,
	wanted: IndexLayout | undefined,
): Promise<Pick<IndexSettings, 'layout'>> {
	const choice = item.choice('backend') === 'qdrant' ? item.choice('layout') : 'keep';
	if (choice === 'keep' && wanted === undefined) return {};
	const { layout } = await (await openIndexFor(item)).settings();
	const kept = choice === 'keep' ? layout : { tenantField: layout?.tenantField };
	return { layout: { ...kept, ...wanted } };
}

const labelOf = (choice: string): string =>
	embeddingField.options?.flatMap((each) => ('value' in each && each.value === choice ? each.name : []))[0] ??
	choice;

function probesOf(item: NodeItem): MigrationProbe[] | undefined {
	const probes = item.rows('probes.values').flatMap((row) => {
		const query = row.optionalText('query');
		const source = row.optionalText('source');
		if (query === undefined && source === undefined) return [];
		if (query === undefined || source === undefined) {
			throw new InputError('A probe question needs both the question and the source that answers it.');
		}
		return [{ query, source }];
	});
	return probes.length > 0 ? probes : undefined;
}
