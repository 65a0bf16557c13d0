import type {
	AiEvent,
	AINodeConnectionType,
	IDataObject,
	INodeExecutionData,
	ISupplyDataFunctions,
} from 'n8n-workflow';
import { toNodeError } from '../runtime/errors';

/** What the run panel shows of one call of a sub-node. */
export interface ShownCall<T> {
	readonly connection: AINodeConnectionType;
	readonly input: IDataObject;
	/** How n8n's log streaming calls it. */
	readonly event: AiEvent;
	readonly work: () => Promise<T>;
	readonly output: (result: T) => IDataObject;
}

/**
 * Runs one call of a sub-node and shows what went in and what came out. n8n does this for instances of LangChain's
 * classes alone (its logWrapper); a plain object has to say it itself.
 *
 * @throws NodeOperationError of this node, also shown in its panel
 */
export async function shown<T>(
	context: ISupplyDataFunctions,
	itemIndex: number,
	call: ShownCall<T>,
): Promise<T> {
	const { index } = context.addInputData(call.connection, dataOf(call.input, itemIndex));
	return await finished(context, itemIndex, index, call);
}

/** The second half of {@link shown}, for a call whose input the panel has already as entry `index`. */
export async function finished<T>(
	context: ISupplyDataFunctions,
	itemIndex: number,
	index: number,
	call: Omit<ShownCall<T>, 'input'>,
): Promise<T> {
	try {
		const result = await call.work();
		context.addOutputData(call.connection, index, dataOf(call.output(result), itemIndex));
		context.logAiEvent(call.event);
		return result;
	} catch (thrown) {
		const error = toNodeError(context.getNode(), thrown, itemIndex);
		// n8n then names this node, not the one it is connected to.
		error.functionality = 'configuration-node';
		error.description ??= error.message;
		context.addOutputData(call.connection, index, error);
		throw error;
	}
}

const dataOf = (json: IDataObject, itemIndex: number): INodeExecutionData[][] => [
	[{ json, pairedItem: { item: itemIndex } }],
];
