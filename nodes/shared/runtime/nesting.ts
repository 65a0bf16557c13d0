import { jsonProblem, MAX_NESTING } from '../../../lib/support';
import type { NodeContext } from './context';
import { InputError } from './errors';

/** @throws InputError when the item is nested so deep that writing it down would fail */
export function checkNesting(context: Pick<NodeContext, 'getInputData'>, itemIndex: number): void {
	if (jsonProblem(context.getInputData()[itemIndex]?.json ?? {})?.startsWith('is nested'))
		throw new InputError(`The item is nested deeper than ${MAX_NESTING} levels. Send flatter data.`);
}
