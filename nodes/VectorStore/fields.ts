import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { inAlphabet } from '../shared/fields/alphabet';
import { connectedEmbedding, embeddingField } from '../shared/fields/embeddingField';
import { indexFields } from '../shared/fields/indexFields';
import { optionsField, supplyOptionsField } from '../shared/fields/optionsField';
import { pathField } from '../shared/fields/pathField';
import { searchModeField } from '../shared/fields/searchModeField';
import { searchOptions } from '../shared/fields/searchOptions';

/** The modes and their values are those of n8n's own vector stores, so that its editor treats ours like them. */
export type Mode = 'load' | 'insert' | 'retrieve' | 'retrieve-as-tool';

export const modeField: INodeProperties = {
	displayName: 'Operation Mode',
	name: 'mode',
	type: 'options',
	noDataExpression: true,
	default: 'retrieve',
	description: 'What the node does. It also decides what the node can be connected to.',
	options: [
		{
			name: 'Get Many',
			value: 'load',
			description: 'Returns the passages that match a question best, one item per passage',
			action: 'Get ranked documents from the vector store',
		},
		{
			name: 'Insert Documents',
			value: 'insert',
			description: 'Stores the documents of a document loader. Inserting them again changes nothing.',
			action: 'Add documents to the vector store',
		},
		{
			name: 'Retrieve Documents (As Tool for AI Agent)',
			value: 'retrieve-as-tool',
			description: 'The agent searches by itself and gets numbered passages that it can cite',
			action: 'Retrieve documents for an AI Agent as tool',
			outputConnectionType: NodeConnectionTypes.AiTool,
		},
		{
			name: 'Retrieve Documents (As Vector Store for Chain/Tool)',
			value: 'retrieve',
			description: 'For a retriever or another node that takes a vector store',
			action: 'Retrieve documents for a chain or tool as vector store',
			outputConnectionType: NodeConnectionTypes.AiVectorStore,
		},
	],
};

const only = (...modes: Mode[]): IDisplayOptions => ({ show: { mode: modes } });
const searching = only('load', 'retrieve', 'retrieve-as-tool');

const storeSearchOptions = searchOptions.filter(
	({ name }) => !['allowedIndexes', 'indexNameField', 'rerank'].includes(name),
);

export const properties: INodeProperties[] = [
	modeField,
	{
		displayName: 'Tool Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 2 },
		required: true,
		displayOptions: only('retrieve-as-tool'),
		default: 'Searches our documents and returns numbered passages with their sources.',
		description:
			'Tells the agent what can be found here and when to search for it. A clear description makes the agent search better.',
	},
	...indexFields,
	{
		...embeddingField,
		displayOptions: only('insert'),
		description: `${embeddingField.description}. An index keeps the model that it was created with.`,
		options: inAlphabet([...((embeddingField.options ?? []) as INodePropertyOptions[]), connectedEmbedding]),
	},
	pathField({
		displayName: 'Source Field',
		name: 'sourceField',
		displayOptions: only('insert'),
		default: 'source',
		description:
			'Name of the field that holds the name of the document, which is used in citations. A "source" in the metadata of the document loader has priority. If both are missing, the name of the file is used.',
	}),
	{
		displayName: 'Question Embedded By',
		name: 'queryEmbedding',
		type: 'options',
		displayOptions: searching,
		default: 'index',
		description:
			'Model that turns the question into a vector. It must be the model that the index was created with.',
		options: [
			connectedEmbedding,
			{
				name: 'The Index’s Own Model',
				value: 'index',
				description: 'The built-in model or the engine of the credential that the index was created with',
			},
		],
	},
	{
		displayName: 'Query Text',
		name: 'queryText',
		type: 'string',
		required: true,
		displayOptions: only('load'),
		default: '',
		placeholder: 'How long is the notice period?',
		description: 'Question to search for',
	},
	{ ...searchModeField, displayOptions: searching },
	{
		displayName: 'Limit',
		name: 'topK',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		displayOptions: only('load', 'retrieve-as-tool'),
		default: 5,
		description: 'Maximum number of passages to return',
	},
	{
		displayName: 'Rerank',
		name: 'rerank',
		type: 'options',
		displayOptions: searching,
		default: 'none',
		description:
			'Rerank model that sorts the best passages again. Each search then takes up to a few seconds longer.',
		options: [
			{
				name: 'By the Connected Node',
				value: 'connected',
				description: 'The reranker node that is connected as Reranker, of n8n or of any package',
			},
			{
				name: 'By This Node',
				value: 'own',
				description: 'A rerank model of the credential’s engines',
			},
			{ name: 'No', value: 'none' },
		],
	},
	{ ...optionsField(storeSearchOptions), displayOptions: only('load') },
	{ ...supplyOptionsField(storeSearchOptions), displayOptions: only('retrieve', 'retrieve-as-tool') },
	optionsField(
		[
			{
				displayName: 'Replace Documents',
				name: 'replaceDocuments',
				type: 'boolean',
				default: false,
				description:
					'Whether to delete older passages of the same documents after the new ones are stored. Send each document complete, in one run.',
			},
		],
		{ displayOptions: only('insert') },
	),
];

/** The fields that one mode shows. */
export const fieldsOf = (mode: Mode): INodeProperties[] =>
	properties.filter(({ displayOptions }) => displayOptions?.show?.mode?.includes(mode) ?? true);

/** Connectors on the canvas follow the fields; n8n evaluates this text where it knows nothing of our code. */
export const inputs = `={{ ((parameters) => {
	const mode = parameters.mode;
	const inputs = [];
	if (mode === 'insert' || mode === 'load') inputs.push({ displayName: '', type: '${NodeConnectionTypes.Main}' });
	if ((mode === 'insert' ? parameters.embedding : parameters.queryEmbedding) === 'connected') {
		inputs.push({ displayName: 'Embedding', type: '${NodeConnectionTypes.AiEmbedding}', required: true, maxConnections: 1 });
	}
	if (mode === 'insert') {
		inputs.push({ displayName: 'Document', type: '${NodeConnectionTypes.AiDocument}', required: true, maxConnections: 1 });
	} else if (parameters.rerank === 'connected') {
		inputs.push({ displayName: 'Reranker', type: '${NodeConnectionTypes.AiReranker}', required: true, maxConnections: 1 });
	}
	return inputs;
})($parameter) }}` as const;

export const outputs = `={{ ((parameters) => {
	const mode = parameters.mode ?? 'retrieve';
	if (mode === 'retrieve-as-tool') return [{ displayName: 'Tool', type: '${NodeConnectionTypes.AiTool}' }];
	if (mode === 'retrieve') return [{ displayName: 'Vector Store', type: '${NodeConnectionTypes.AiVectorStore}' }];
	return [{ displayName: '', type: '${NodeConnectionTypes.Main}' }];
})($parameter) }}` as const;
