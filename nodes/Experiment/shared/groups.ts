import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { createSlicer } from '../../../lib/support';
import { errorItem, toNodeError } from '../../shared/runtime/errors';
import type { ItemResult } from '../../shared/runtime/items';

export interface Member<Request> {
	readonly itemIndex: number;
	readonly request: Request;
}

/**
 * Reads what each item asks for, and does what belongs together (`groupOf`) in one call: a thousand items then wait for the
 * disk once. Results keep the order of the items; an error is the item's own, or of each item of its group.
 */
export async function forEachGroup<Request>(
	context: IExecuteFunctions,
	read: (itemIndex: number) => { readonly groupOf: string; readonly request: Request },
	work: (members: ReadonlyArray<Member<Request>>) => Promise<ItemResult[]>,
): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	const fail = (error: unknown, itemIndex: number) => {
		if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
		output[itemIndex] = errorItem(context, error, itemIndex);
	};
	const turn = createSlicer();
	const groups = new Map<string, Array<Member<Request>>>();
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		await turn();
		try {
			const { groupOf, request } = read(itemIndex);
			const group = groups.get(groupOf) ?? [];
			groups.set(groupOf, group);
			group.push({ itemIndex, request });
		} catch (error) {
			fail(error, itemIndex);
		}
	}
	for (const members of groups.values()) {
		try {
			(await work(members)).forEach((result, position) => {
				const itemIndex = members[position]?.itemIndex ?? 0;
				output[itemIndex] = { ...result, pairedItem: { item: itemIndex } };
			});
		} catch (error) {
			for (const { itemIndex } of members) fail(error, itemIndex);
		}
	}
	return [output];
}
