import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const health: Operation = {
	option: {
		name: 'Check Health',
		value: 'health',
		action: 'Check the health of all engines',
		description:
			'Reports for each engine whether it answers, how fast and how busy it is, and what to do if it does not answer',
	},
	fields: [optionsField()],
	tool: {
		description: 'Tells for each engine whether it answers, and what to do if it does not.',
		fields: [],
		answer: ({ engine, status, message }) => ({ engine, status, message }),
	},
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const engines = await enginesFor(item.context, item.index);
			return (await engines.health({ signal, allowRemote: true })).map((engine) => ({
				json: { ...engine, breaker: { ...engine.breaker }, queue: engine.queue && { ...engine.queue } },
			}));
		}),
};
