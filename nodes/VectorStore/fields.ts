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

const modeField: INodeProperties = {
	displayName: 'Operation Mode',
	name: 'mode',
	type: 'options',
	noDataExpression: true,
	default: 'retrieve',
	description: 'What the node does, and with it what it can be connected to',
	options: [
		{
			name: 'Get Many',
			value: 'load',
			description: 'Finds the passages that fit a question best; one item a passage',
			action: 'Get ranked documents from the vector store',
		},
		{
			name: 'Insert Documents',
			value: 'insert',
			description: 'Stores what a document loader gives; inserting twice changes nothing',
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
			'Tells the agent what can be found here and when to look: the better it says so, the better it asks',
	},
	...indexFields,
	{
		...embeddingField,
		displayOptions: only('insert'),
		description: `${embeddingField.description}. An index keeps the model it was created with.`,
		options: inAlphabet([...((embeddingField.options ?? []) as INodePropertyOptions[]), connectedEmbedding]),
	},
	pathField({
		displayName: 'Source Field',
		name: 'sourceField',
		displayOptions: only('insert'),
		default: 'source',
		description:
			'Name of the field that holds the name of the document, by which it is cited. A "source" among the metadata of the document loader comes first; a file’s own name is taken last.',
	}),
	{
		displayName: 'Question Embedded By',
		name: 'queryEmbedding',
		type: 'options',
		displayOptions: searching,
		default: 'index',
		description: 'What turns the question into a vector; it must be the model the index was created with',
		options: [
			connectedEmbedding,
			{
				name: 'The Index’s Own Model',
				value: 'index',
				description: 'The built-in model, or the credential’s engine, that the index was created with',
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
		description: 'The question',
	},
	{ ...searchModeField, displayOptions: searching },
	{
		displayName: 'Limit',
		name: 'topK',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		displayOptions: only('load', 'retrieve-as-tool'),
		default: 5,
		description: 'Most passages to return',
	},
	{
		displayName: 'Rerank',
		name: 'rerank',
		type: 'options',
		displayOptions: searching,
		default: 'none',
		description:
			'Whether a rerank model reads the best passages and puts them in order again. Takes up to some seconds longer.',
		options: [
			{
				name: 'By the Connected Node',
				value: 'connected',
				description: 'A reranker sub-node connected as Reranker, of n8n or any package',
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
					'Whether older passages of the same sources are removed once the new ones are stored. Every document must then come whole, in one run.',
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
