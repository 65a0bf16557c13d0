import type {
	FromAIArgument,
	IDataObject,
	INode,
	INodeExecutionData,
	ISupplyDataFunctions,
	SupplyData,
} from 'n8n-workflow';
import {
	generateZodSchema,
	NodeConnectionTypes,
	nodeNameToToolName,
	traverseNodeParameters,
} from 'n8n-workflow';
import { forEachItem } from '../shared/runtime/items';
import { fromHost } from '../shared/langchain/host';
import { finished } from '../shared/langchain/runPanel';
import type { StoreContext } from './context';
import { answerWithPassages } from '../shared/runtime/passagesForModel';
import type { NodeItem } from '../shared/runtime/nodeItem';
import { itemOf, type Run } from '../shared/runtime/run';
import { isNothing, toProse } from '../shared/runtime/values';
import { fieldsOf } from './fields';
import { openSearcher } from './search';

const questionArgument: FromAIArgument = {
	key: 'question',
	type: 'string',
	description: 'What to look for, as a full question or as keywords',
};

/** "As Tool": what an agent is handed. It is called here by chains, older agents and n8n's MCP server. */
export async function supplyTool(context: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
	const { DynamicStructuredTool } = fromHost('@langchain/core/tools');
	const { z } = fromHost('zod');
	const schema = z.object(
		Object.fromEntries(argumentsOf(context.getNode()).map((each) => [each.key, generateZodSchema(each)])),
	);
	const tool = new DynamicStructuredTool({
		name: nodeNameToToolName(context.getNode()),
		description: context.getNodeParameter('toolDescription', itemIndex) as string,
		schema,
		func: async (given: IDataObject) => {
			const index = context.getNextRunIndex();
			const call = contextOfCall(context, itemIndex, given);
			return await finished(context, itemIndex, index, {
				connection: NodeConnectionTypes.AiTool,
				event: 'ai-tool-called',
				work: () => answer(itemOf(call, fieldsOf('retrieve-as-tool'), itemIndex), call, given.question),
				output: (response) => ({ response }),
			});
		},
	});
	return { response: tool };
}

/**
 * A context in which $fromAI means the arguments of this call; in the one the tool was made with it would go on meaning
 * those of the first. The arguments stand at the item's position, where n8n looks for them.
 */
function contextOfCall(
	context: ISupplyDataFunctions,
	itemIndex: number,
	given: IDataObject,
): ISupplyDataFunctions {
	const inputData = [Array.from({ length: itemIndex + 1 }, () => ({ json: given }))];
	return context.cloneWith({ runIndex: context.getNextRunIndex(), inputData });
}

/** The same for agents that let n8n run their tools: the arguments arrive as an item. */
export async function executeTool(run: Run): Promise<INodeExecutionData[][]> {
	return await forEachItem(run, async (item) => ({
		json: { response: await answer(item, run.context, item.json.question) },
	}));
}

async function answer(item: NodeItem, context: StoreContext, given: unknown): Promise<string> {
	const question = isNothing(given) ? '' : toProse(given, 'question');
	const { search } = await openSearcher(item, context);
	const hits = await search(question, { limit: item.number('topK') });
	return answerWithPassages(context, question, hits);
}

/** The question, and whatever fields of the node are set to $fromAI. */
function argumentsOf(node: INode): FromAIArgument[] {
	const found: FromAIArgument[] = [];
	traverseNodeParameters(node.parameters, found);
	return [...new Map([...found, questionArgument].map((each) => [each.key, each])).values()];
}
