import { scoreNotice, scoresOf } from '../../../../lib/ingest';
import { listJobs } from '../../../../lib/reports';
import { packNotice } from '../../../../lib/support';
import { optionsField } from '../../../shared/fields/optionsField';
import { indexFields } from '../../../shared/fields/indexFields';
import { addressFor, openIndexFor } from '../../../shared/runtime/indexes';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { machinesNotice } from '../../../shared/runtime/machines';
import { spaceOf } from '../../../shared/runtime/spaces';
import { coverageAsJson, coverageNotice, missingVectors } from '../../../shared/runtime/vectorCoverage';

export const info: Operation = {
	option: {
		name: 'Info',
		value: 'info',
		action: 'Get information about an index',
		description:
			'Returns the numbers of rows and documents, size, embedding model and settings, and the work that is running on the index',
	},
	fields: [...indexFields, optionsField()],
	tool: {
		description: 'Tells how many documents and passages the index holds, and which model it was built with.',
		fields: indexFields,
		answer: ({ name, sources, rows, model }) => ({ name, documents: sources, passages: rows, model }),
	},
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const index = await openIndexFor(item);
			const found = await index.info();
			const scores = scoresOf(found.model);
			const missing = await missingVectors(index);
			const modelBefore = found.notes?.modelBefore;
			const notices = [
				packNotice(),
				found.backend === 'embedded' ? machinesNotice() : undefined,
				...(found.problems ?? []),
				typeof modelBefore === 'string' ? scoreNotice(modelBefore, found.model) : undefined,
				missing && coverageNotice(missing),
			].filter((notice) => notice !== undefined);
			const { name } = await addressFor(item);
			const { folder } = await spaceOf(item.context, item.index);
			const running = (await listJobs(folder)).filter(
				({ state, subject }) => state === 'running' && subject === name,
			);
			return {
				json: {
					...found,
					...(missing && { vectors: coverageAsJson(missing) }),
					...(scores !== undefined && { scores }),
					...(running.length > 0 && { running: running.map(({ id: _, ...job }) => ({ ...job })) }),
					...(notices.length > 0 && { notice: notices.join(' ') }),
				},
			};
		}),
};
