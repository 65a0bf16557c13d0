import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { errorItem, toNodeError } from './errors';

/** What an operation is handed for each item. */
export interface ItemCall {
	readonly itemIndex: number;
	/** Aborts when the user cancels the execution. */
	readonly signal: AbortSignal | undefined;
}

/** What an operation makes of an item; the pairing with its input item is added here. */
export interface ItemResult {
	readonly json: IDataObject;
	readonly binary?: IBinaryKeyData;
}

/**
 * Runs an operation for each input item, in order. What it returns becomes items paired to theirs; what it throws
 * becomes an error of that item, and with "continue on fail" the other items still get their turn.
 */
export async function forEachItem(
	context: IExecuteFunctions,
	work: (call: ItemCall) => Promise<ItemResult | ItemResult[]>,
): Promise<INodeExecutionData[][]> {
	const output: INodeExecutionData[] = [];
	const signal = context.getExecutionCancelSignal();
	for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
		try {
			const results = [await work({ itemIndex, signal })].flat();
			for (const { json, binary } of results) output.push({ json, binary, pairedItem: { item: itemIndex } });
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
			output.push(errorItem(context, error, itemIndex));
		}
	}
	return [output];
}
