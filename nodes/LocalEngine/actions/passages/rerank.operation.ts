import type { IDataObject } from 'n8n-workflow';
import { rounded } from '../../../../lib/support';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField } from '../../../shared/fields/optionsField';
import { passagesField, questionField } from '../../../shared/fields/pathField';
import { rerankOptions, topNField } from '../../../shared/fields/rerankFields';
import { engineBatching } from '../../../shared/runtime/batching';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { Operation } from '../../../shared/runtime/operations';
import { questionOf } from '../../../shared/runtime/question';
import { passageText, rawPassagesOf } from './passageInput';

export const rerank: Operation = {
	option: {
		name: 'Rerank Search Results',
		value: 'rerank',
		action: 'Rerank search results by how well they match a question',
		description: 'Sorts the passages (texts) that a search found by how well each one answers the question',
	},
	fields: [
		modelField,
		questionField,
		passagesField({
			description:
				'Name of the field that holds the passages that a search found: a list of texts, or of objects with "text"',
		}),
		topNField,
		optionsField([...rerankOptions, batchingOption]),
	],
	execute: async (run) =>
		await forEachItem(
			run,
			async (item) => {
				const passages = rawPassagesOf(item);
				const texts = passages.map((passage, position) => passageText(passage, item, position));
				const engines = await enginesFor(item.context, item.index);
				const ranked = await engines.rerank(
					questionOf(item),
					texts,
					{ model: modelOf(item), topN: item.optionalNumber('topN') },
					callOptions(item),
				);
				return {
					json: {
						hits: ranked.map(({ index, score }) => {
							const passage = passages[index];
							return {
								...(typeof passage === 'object' ? (passage as IDataObject) : { text: texts[index] }),
								rerankScore: rounded(score),
							};
						}),
						rerankedBy: ranked[0]?.engine ?? null,
					},
				};
			},
			engineBatching,
		),
};
