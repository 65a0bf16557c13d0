import {
	findChanges,
	type FoundChanges,
	IngestError,
	type ListedName,
	MAX_REMOVED,
} from '../../../../lib/ingest';
import { indexFields } from '../../../shared/fields/indexFields';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField } from '../../../shared/fields/pathField';
import { forEachGroup, type Group, type GroupOutcome } from '../../../shared/runtime/groups';
import { type IndexTarget, indexTargetOf, openIfThere } from '../../../shared/runtime/indexes';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemOutcome } from '../../../shared/runtime/outputs';
import type { Run } from '../../../shared/runtime/run';
import { assertAllAtOnce } from './loops';
import { maxRemovedOption, missingDocumentsField, sourceFieldOption } from './missingDocuments';

/** Documents fetched in one run, where a workflow says nothing else: their files are on the way through n8n at once. */
const DEFAULT_LIMIT = 500;

interface ListTarget {
	readonly index: IndexTarget;
	readonly mode: 'add' | 'mirror';
	readonly maxRemoved: number;
	readonly limit: number;
}

export const findChangesOperation: Operation = {
	option: {
		name: 'Find Changes',
		value: 'findChanges',
		action: 'Find changes between a list and an index',
		description:
			'Compares a complete list of documents with the index before their contents are fetched. Returns the new and changed ones, and can delete the missing ones.',
	},
	fields: [
		...indexFields,
		{
			displayName:
				'Each item is one entry of the list: "source" is the name of the document, and "metadata" holds what changes with it, such as its date or ETag. Send both to Sync Documents too.',
			name: 'changesNotice',
			type: 'notice',
			default: '',
		},
		missingDocumentsField,
		optionsField([
			{
				displayName: 'Maximum Documents',
				name: 'maxDocuments',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_LIMIT,
				description:
					'Maximum number of documents to return. If more documents are new or changed, the next runs return the others. A random part is returned, so that documents that cannot be stored do not hold up the others.',
			},
			pathField({
				displayName: 'Metadata Field',
				name: 'metadataField',
				default: 'metadata',
				description:
					'Name of the field that holds an object. A document is changed if one of these values differs from the stored one.',
			}),
			sourceFieldOption,
			maxRemovedOption,
		]),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({ target: await targetOf(run, item), request: entryOf(item) }),
			async (group) => await compareGroup(run, group),
		),
};

async function targetOf(run: Run, item: NodeItem): Promise<ListTarget> {
	const mode = item.choice<ListTarget['mode']>('syncMode');
	if (mode === 'mirror') assertAllAtOnce(run.context);
	return {
		index: await indexTargetOf(item),
		mode,
		maxRemoved: (item.optionalNumber('options.maxRemovedPercent') ?? MAX_REMOVED * 100) / 100,
		limit: item.optionalNumber('options.maxDocuments') ?? DEFAULT_LIMIT,
	};
}

const entryOf = (item: NodeItem): ListedName => ({
	source: item.pointed('options.sourceField'),
	metadata: item.pointed('options.metadataField'),
});

async function compareGroup(
	run: Run,
	{ target, members }: Group<ListTarget, ListedName>,
): Promise<GroupOutcome> {
	const { mode, maxRemoved, limit } = target;
	const index = await openIfThere(target.index.address);
	const entries = members.map(({ request }) => request);
	const found = await findChanges(entries, { index, mode, maxRemoved, signal: run.signal });
	tell(run, found);
	const { changes } = found;
	const isNew = changes.map((change) => change === 'added' || change === 'changed');
	const returned = someOf(
		[...isNew.keys()].filter((position) => isNew[position]),
		limit,
	);
	const later = isNew.filter(Boolean).length - returned.size;
	if (later > 0)
		run.hint(
			`${later} more documents are new or changed. The next runs return them; raise the option Maximum Documents to return more at once.`,
			'info',
		);
	return changes.map((change, position): ItemOutcome[] => {
		if (change instanceof IngestError) return [{ error: change }];
		return returned.has(position) ? [{ json: { change } }] : [];
	});
}

function tell(run: Run, { removed, removalSkipped }: FoundChanges): void {
	if (removed.length > 0) {
		const names = removed.slice(0, 5).map(({ source }) => `"${source}"`);
		const more = removed.length > names.length ? ` and ${removed.length - names.length} more` : '';
		run.hint(
			`Deleted from the index, because they are not in the list any more: ${names.join(', ')}${more}.`,
			'info',
		);
	}
	if (removalSkipped)
		run.hint('Some entries of the list could not be compared, so no missing document was deleted.');
}

/** So many of the positions, beginning anywhere: no run after the other gets stuck at the same ones. */
function someOf(positions: readonly number[], limit: number): ReadonlySet<number> {
	if (positions.length <= limit) return new Set(positions);
	const start = Math.floor(Math.random() * positions.length);
	return new Set([...positions.slice(start), ...positions.slice(0, start)].slice(0, limit));
}
