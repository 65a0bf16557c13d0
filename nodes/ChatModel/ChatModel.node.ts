import type { INodeType, INodeTypeDescription, ISupplyDataFunctions, SupplyData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { answerFormatFields } from '../shared/fields/answerFormat';
import { answerFormatOf } from '../shared/runtime/answerFormat';
import { callOptions, chatSettings } from '../shared/runtime/chatSettings';
import { chatOptions } from '../shared/fields/chatOptions';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { enginesFor, hasEngineCredential } from '../shared/runtime/engines';
import { toNodeError } from '../shared/runtime/errors';
import { modelField } from '../shared/fields/modelField';
import { modelOf } from '../shared/runtime/model';
import { credentialsField, recordFields } from '../shared/fields/recordFields';
import { exchangeRecorder } from '../shared/runtime/recording';
import { recordingEngines } from '../shared/runtime/recordingEngines';
import { builtinAgent } from '../shared/langchain/builtinAgent';
import { searchModels } from '../shared/lists/searchModels';

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
		credentials: [
			{ name: 'localEngineApi', required: false, testedBy: 'localEngineApiTest' },
			{
				name: 'postgres',
				required: true,
				displayOptions: { show: { record: [true], recordBackend: ['postgres'] } },
			},
		],
		properties: [
			credentialsField,
			modelField,
			...answerFormatFields,
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				description: 'More choices for this model',
				options: [...chatOptions],
			},
			...recordFields,
		],
	};

	methods = { credentialTest: { localEngineApiTest }, listSearch: { searchModels } };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		const toError = (thrown: unknown) => toNodeError(this.getNode(), thrown, itemIndex);
		try {
			// LangChain is n8n's own copy: loaded when a model is asked for, and found through its NODE_PATH.
			const { LocalEngineChatModel } = await import('../shared/langchain/chatModel.js');
			const { ChatPanel } = await import('../shared/langchain/chatPanel.js');
			const options = this.getNodeParameter('options', itemIndex, {});
			const responseFormat = answerFormatOf(this, itemIndex);
			const pool = await enginesFor(this, itemIndex);
			const engines = hasEngineCredential(this) ? pool : builtinAgent(pool.complete.bind(pool));
			const record = exchangeRecorder(this);
			const response = new LocalEngineChatModel({
				engines:
					this.getNodeParameter('record', itemIndex, false) === true
						? recordingEngines(engines, (exchange) => record(itemIndex, exchange))
						: engines,
				request: { model: modelOf(this, itemIndex), ...chatSettings(options), responseFormat },
				call: callOptions(options, this.getExecutionCancelSignal()),
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
