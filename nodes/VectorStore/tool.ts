import type {
	FromAIArgument,
	IDataObject,
	IExecuteFunctions,
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
import { forEachItem } from '../shared/items';
import { fromHost } from '../shared/langchain/host';
import { shown } from '../shared/langchain/runPanel';
import type { StoreContext } from './context';
import { numberPassages, passagesAsText } from './passages';
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
		func: async (given: IDataObject) =>
			await shown(context, itemIndex, {
				connection: NodeConnectionTypes.AiTool,
				input: { ...given },
				event: 'ai-tool-called',
				work: () => answer(context, itemIndex, given.question),
				output: (response) => ({ response }),
			}),
	});
	return { response: tool };
}

/** The same for agents that let n8n run their tools: the arguments arrive as an item. */
export async function executeTool(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async ({ itemIndex }) => {
		const { question } = context.getInputData()[itemIndex]?.json ?? {};
		return { json: { response: await answer(context, itemIndex, question) } };
	});
}

async function answer(context: StoreContext, itemIndex: number, given: unknown): Promise<string> {
	const question = typeof given === 'string' ? given : '';
	const { search } = await openSearcher(context, itemIndex);
	const limit = context.getNodeParameter('topK', itemIndex) as number;
	const hits = await search(question, { limit });
	const execution = `${context.getWorkflow().id ?? ''} ${context.getExecutionId()}`;
	return passagesAsText(question, hits, numberPassages(execution, hits));
}

/** The question, and whatever fields of the node are set to $fromAI. */
function argumentsOf(node: INode): FromAIArgument[] {
	const found: FromAIArgument[] = [];
	traverseNodeParameters(node.parameters, found);
	return [...new Map([...found, questionArgument].map((each) => [each.key, each])).values()];
}
