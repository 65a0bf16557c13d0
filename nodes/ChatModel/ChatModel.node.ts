import type {
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ISupplyDataFunctions,
	SupplyData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { guardLoops, MAX_REPEATED_CALLS } from '../../lib/engine';
import { recordingCredentials } from '../shared/fields/recordingCredentials';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { answerFormatFields } from '../shared/fields/answerFormat';
import { answerFormatOf } from '../shared/runtime/answerFormat';
import { callOptions, chatSettings } from '../shared/runtime/chatSettings';
import { chatOptions } from '../shared/fields/chatOptions';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { enginesFor, hasEngine } from '../shared/runtime/engines';
import { toNodeError } from '../shared/runtime/errors';
import { supplyOptionsField } from '../shared/fields/optionsField';
import { itemOf } from '../shared/runtime/run';
import { modelField } from '../shared/fields/modelField';
import { modelOf } from '../shared/runtime/model';
import { credentialsField, recordFields } from '../shared/fields/recordFields';
import { exchangeRecorder } from '../shared/runtime/recording';
import { recordingEngines } from '../shared/runtime/recordingEngines';
import { builtinAgent } from '../shared/langchain/builtinAgent';
import { searchModels } from '../shared/lists/searchModels';

const repeatedCallsOption: INodeProperties = {
	displayName: 'Maximum Repeated Tool Calls',
	name: 'maxRepeatedCalls',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 100 },
	default: MAX_REPEATED_CALLS,
	description:
		'How many times an agent may call a tool with the same arguments in one run. The next such call ends the run with an answer that says so. 0 turns this off.',
};

const properties: INodeProperties[] = [
	credentialsField,
	modelField,
	...answerFormatFields,
	supplyOptionsField([...chatOptions, repeatedCallsOption]),
	...recordFields,
];

export class ChatModel implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Chat Model',
		name: 'chatModel',
		icon: { light: 'file:chatModel.svg', dark: 'file:chatModel.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["model"]?.value || "" }}',
		description: 'A model on your own machines for agents and chains, with failover between engines',
		defaults: { name: 'Local Engine Chat Model' },
		inputs: [],
		outputs: [NodeConnectionTypes.AiLanguageModel],
		outputNames: ['Model'],
		credentials: recordingCredentials,
		properties,
	};

	methods = { credentialTest: { localEngineApiTest, localEngineSpaceApiTest }, listSearch: { searchModels } };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		const toError = (thrown: unknown) => toNodeError(this.getNode(), thrown, itemIndex);
		try {
			// LangChain is n8n's own copy: loaded when a model is asked for, and found through its NODE_PATH.
			const { LocalEngineChatModel } = await import('../shared/langchain/chatModel.js');
			const { ChatPanel } = await import('../shared/langchain/chatPanel.js');
			const item = itemOf(this, properties, itemIndex);
			const responseFormat = answerFormatOf(item);
			const pool = await enginesFor(this, itemIndex);
			const all = hasEngine(this, itemIndex) ? pool : builtinAgent(pool.complete.bind(pool));
			const most = item.optionalNumber('options.maxRepeatedCalls') ?? MAX_REPEATED_CALLS;
			const engines = most === 0 ? all : guardLoops(all, most);
			const record = exchangeRecorder(this);
			const response = new LocalEngineChatModel({
				engines: item.flag('record')
					? recordingEngines(engines, (exchange) => record(item, exchange))
					: engines,
				request: { model: modelOf(item), ...chatSettings(item), responseFormat },
				call: callOptions(item),
				callbacks: [new ChatPanel(this)],
				// n8n's chains parse the answer of a model that says so.
				metadata: responseFormat && { output_format: 'json' },
				toError,
			});
			return { response };
		} catch (thrown) {
			throw toError(thrown);
		}
	}
}
