import { engineNames } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';

/** Name of the chosen engine. @throws InputError without a credential or for a name it does not have */
export async function engineOf(item: NodeItem): Promise<string> {
	const chosen = item.optionalText('engine');
	const names = await engineNames(item.context, item.index);
	const engine = chosen === undefined ? names[0] : names.find((name) => name === chosen);
	if (engine !== undefined) return engine;
	throw new InputError(
		names.length === 0
			? 'This operation needs an engine. Create a Local Engine API credential with the address of your engine, and select it in this node.'
			: `The credential has no engine "${chosen}". It has: ${names.join(', ')}.`,
	);
}
