import { type EmbeddedOrError, embedEach, embedEachQuery } from '../../../../lib/embedding';
import { shortNumbers } from '../../../../lib/support';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { optionsField } from '../../../shared/fields/optionsField';
import { textField } from '../../../shared/fields/pathField';
import { embedderFor, embeddingTargetOf } from '../../../shared/runtime/embedders';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemOutcome } from '../../../shared/runtime/outputs';

export const embed: Operation = {
	option: {
		name: 'Embed Text',
		value: 'embed',
		action: 'Turn text into a vector',
		description: 'Adds the vector of a text to each item',
	},
	fields: [
		embeddingField,
		textField,
		{
			displayName: 'Text Is',
			name: 'role',
			type: 'options',
			default: 'document',
			description: 'What the text is. Some models embed documents and questions differently.',
			options: [
				{ name: 'A Document', value: 'document' },
				{ name: 'A Question', value: 'query' },
			],
		},
		optionsField(),
	],
	// Items for one model go to it together: one request for many texts is far faster than one each.
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({
				target: { ...(await embeddingTargetOf(item)), role: item.choice('role') },
				request: item.pointedText('textField'),
			}),
			async ({ target, members, first }) => {
				const embedder = await embedderFor(first.context, target.choice, first.index);
				const texts = members.map(({ request }) => request);
				const call = { signal: run.signal };
				const outcome = (embedded: EmbeddedOrError): ItemOutcome => {
					if ('error' in embedded) return embedded;
					const { vector, flag } = embedded;
					return {
						json: {
							embedding: shortNumbers(vector),
							embeddingModel: embedder.model,
							dimensions: vector.length,
							...(flag && { flag }),
						},
					};
				};
				const done =
					target.role === 'query'
						? await embedEachQuery(embedder, texts, call)
						: await embedEach(embedder, texts, call);
				return done.map(outcome);
			},
		),
};
