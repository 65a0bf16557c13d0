import { pathField } from '../../../shared/fields/pathField';
import { InputError } from '../../../shared/runtime/errors';
import { gatewayResponse } from '../../../shared/runtime/gatewayAnswer';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

/** In queue mode n8n carries the answer through Redis. */
const MAX_CHARACTERS = 1_000_000;
const SEPARATOR = '\n\n';

export const answerRequest: Operation = {
	option: {
		name: 'Answer Request',
		value: 'answerRequest',
		action: 'Answer a request of the engine gateway',
		description:
			'Sends the answer of a request for a model that this workflow answers (Engine Gateway → Model Aliases)',
	},
	fields: [
		pathField({
			displayName: 'Answer Field',
			name: 'answerField',
			required: true,
			default: 'output',
			description:
				'Name of the field that holds the answer, or an expression that returns the answer. With the default (output), the field text or answer is used, too. The answers of several items are sent as one, with an empty line between them.',
		}),
	],
	execute: async (run) => {
		const { context } = run;
		const gateways = context.getParentNodes(context.getNode().name).filter(({ type }) => isGateway(type));
		const texts: string[] = [];
		const outputs = await forEachItem(run, async (item) => {
			const text = item.pointedText('answerField', {
				// As Send Message gives it, and Answer From Passages without its list of sources.
				fallback: ({ text: written, answer: cited }) => written ?? cited,
				maxLength: MAX_CHARACTERS,
			});
			if (gateways.length === 0)
				throw new InputError(
					'No Engine Gateway comes before this node. Connect the output "Requests" of an Engine Gateway, and the nodes that find the answer.',
				);
			texts[item.index] = text;
			return { json: item.json, binary: item.binary };
		});
		const answer = texts.filter((text) => text !== undefined).join(SEPARATOR);
		if (answer.length > MAX_CHARACTERS)
			throw new InputError(
				`The answers of all items together are ${answer.length} characters long; at most ${MAX_CHARACTERS} are accepted. Send fewer items.`,
			);
		// Without any answer the run ends without one, and the caller is told so.
		if (answer !== '') await context.sendResponse(gatewayResponse(answer));
		return outputs;
	},
};

const isGateway = (type: string): boolean => type.endsWith('.engineGateway');
