import type { ICredentialType, INodeProperties } from 'n8n-workflow';

const engineType: INodeProperties = {
	displayName: 'Engine',
	name: 'dialect',
	type: 'options',
	default: 'auto',
	description: 'Which program answers at the base URL. Detect Automatically asks the program.',
	options: [
		{ name: 'Detect Automatically', value: 'auto' },
		{ name: 'FreeLLMAPI', value: 'freellmapi' },
		{ name: 'Hugging Face TEI', value: 'tei' },
		{ name: 'llama.cpp Server', value: 'llamacpp' },
		{ name: 'LM Studio', value: 'lmstudio' },
		{ name: 'LocalAI', value: 'localai' },
		{ name: 'NVIDIA NIM', value: 'nim' },
		{ name: 'Ollama', value: 'ollama' },
		{ name: 'OpenAI-Compatible', value: 'openai' },
		{ name: 'SGLang', value: 'sglang' },
		{ name: 'TensorRT-LLM', value: 'tensorrt' },
		{ name: 'vLLM', value: 'vllm' },
	],
};

const baseUrl: INodeProperties = {
	displayName: 'Base URL',
	name: 'baseUrl',
	type: 'string',
	default: 'http://127.0.0.1:11434',
	placeholder: 'http://127.0.0.1:11434',
	description:
		'Address of the engine, with or without /v1. Inside Docker, 127.0.0.1 is the container itself: use http://host.docker.internal:11434 or the name of the service.',
};

const apiKey: INodeProperties = {
	displayName: 'API Key',
	name: 'apiKey',
	type: 'string',
	typeOptions: { password: true },
	default: '',
	description:
		'API key of the engine, sent as "Authorization: Bearer …". Leave empty if the engine needs none.',
};

const models: INodeProperties[] = [
	{
		displayName: 'Chat Model',
		name: 'chatModel',
		type: 'string',
		default: '',
		placeholder: 'qwen3:8b',
		description:
			'Name of the chat model on this engine. If empty, the first chat model that the engine lists is used.',
	},
	{
		displayName: 'Embedding Model',
		name: 'embeddingModel',
		type: 'string',
		default: '',
		placeholder: 'nomic-embed-text',
		description:
			'Name of the embedding model on this engine. If empty, the engine is not used for embeddings.',
	},
	{
		displayName: 'Rerank Model',
		name: 'rerankModel',
		type: 'string',
		default: '',
		placeholder: 'bge-reranker-v2-m3',
		description: 'Name of the rerank model on this engine. If empty, the engine is not used for reranking.',
	},
];

const limits: INodeProperties[] = [
	{
		displayName: 'Max Concurrency',
		name: 'maxConcurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: '',
		description:
			'Maximum number of requests to this engine at the same time, from all workflows of this n8n process. Further requests wait. If empty, there is no limit.',
	},
	{
		displayName: 'Outside Your Network',
		name: 'remote',
		type: 'boolean',
		default: false,
		description:
			'Whether this engine runs outside your own network. Such engines are used only by nodes that allow it.',
	},
];

const headers: INodeProperties = {
	displayName: 'Headers',
	name: 'headers',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	default: {},
	placeholder: 'Add Header',
	description: 'HTTP headers to send with each request to this engine, for example for a reverse proxy',
	options: [
		{
			displayName: 'Header',
			name: 'values',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					description: 'Name of the header',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					typeOptions: { password: true },
					default: '',
					description: 'Value of the header; kept secret',
				},
			],
		},
	],
};

const engineName: INodeProperties = {
	displayName: 'Engine Name',
	name: 'engineName',
	type: 'string',
	default: '',
	placeholder: 'gpu-box',
	description:
		'Name of this engine in results, lists and errors. Leave empty to use its address. Two engines cannot have the same name.',
};

const modelAliases: INodeProperties = {
	displayName: 'Model Aliases',
	name: 'modelAliases',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	default: {},
	placeholder: 'Add Alias',
	description:
		'Names that stand for one of several models. A request for the alias is answered by the first of its models that an engine can serve now. A model that is asked for by its own name is never replaced by another one.',
	options: [
		{
			displayName: 'Alias',
			name: 'values',
			values: [
				{
					displayName: 'Alias',
					name: 'alias',
					type: 'string',
					default: '',
					placeholder: 'assistant',
					description: 'Name to use as Model in nodes, and in requests to an Engine Gateway',
				},
				{
					displayName: 'Models',
					name: 'models',
					type: 'string',
					default: '',
					placeholder: 'qwen3:8b, Qwen/Qwen3-8B',
					description: 'Models that may answer, in this order, separated by commas',
				},
			],
		},
	],
};

/** The first engine may also be whichever one runs on this machine; what belongs to an address is then not asked for. */
const notFound = { displayOptions: { hide: { dialect: ['find'] } } };
const [detected, ...programs] = engineType.options ?? [];
const firstEngine: INodeProperties[] = [
	{
		...engineType,
		description:
			'Which program answers at the base URL. Find on This Machine needs no base URL: it uses the engines that run on this machine.',
		options: [
			...(detected ? [detected] : []),
			{
				name: 'Find on This Machine',
				value: 'find',
				description:
					'Looks for Ollama, LM Studio, llama.cpp, LocalAI, vLLM and SGLang at their usual addresses',
			},
			...programs,
		],
	},
	{ ...baseUrl, ...notFound },
	{ ...apiKey, ...notFound },
];

/** An engine and further ones: when the first cannot answer, the next tier does. */
export class LocalEngineApi implements ICredentialType {
	name = 'localEngineApi';

	displayName = 'Local Engine API';

	icon = { light: 'file:localEngine.svg', dark: 'file:localEngine.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-local-engine/n8n-nodes-local-engine/blob/main/docs/credential.md';

	properties: INodeProperties[] = [
		...firstEngine,
		{ ...engineName, ...notFound },
		...models,
		...limits,
		headers,
		modelAliases,
		{
			displayName: 'Further Engines',
			name: 'furtherEngines',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			default: {},
			placeholder: 'Add Engine',
			description:
				'Engines to use, in this order, when the engine above cannot answer. Drag to sort. After the last one, the built-in models are used, where there is one for the task.',
			options: [
				{
					displayName: 'Engine',
					name: 'engines',
					values: [
						engineName,
						engineType,
						baseUrl,
						apiKey,
						...models,
						{
							displayName: 'Share Load With Engine Above',
							name: 'sameTier',
							type: 'boolean',
							default: false,
							description:
								'Whether this engine and the one above share the requests: the less busy one gets the next request. If off, this engine is used only when the one above cannot answer.',
						},
						...limits,
						headers,
					],
				},
			],
		},
	];
}
