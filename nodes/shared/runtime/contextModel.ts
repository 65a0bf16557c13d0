import type { Complete } from '../../../lib/chunking';
import type { NodeContext } from './context';
import { enginesFor, hasEngine } from './engines';
import { InputError } from './errors';

/**
 * The model that writes context for chunks: the engines of the credential, or none without one.
 * @throws InputError when one is `needed` and there is no credential
 */
export async function contextModel(
	context: NodeContext,
	itemIndex: number,
	needed: boolean,
): Promise<Complete | undefined> {
	if (!hasEngine(context, itemIndex)) {
		if (!needed) return undefined;
		throw new InputError(
			'Context written by a model needs an engine. Choose a Local Engine API credential in this node, or another kind of context.',
		);
	}
	const engines = await enginesFor(context, itemIndex);
	return async ({ system, user, maxTokens }, { signal }) => {
		const { text } = await engines.complete(
			{
				messages: [
					{ role: 'system', content: system },
					{ role: 'user', content: user },
				],
				temperature: 0,
				maxTokens,
			},
			{ signal },
		);
		return text;
	};
}
