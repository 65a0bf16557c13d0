// The flows that n8n's own AI nodes offer for the same work as ours: its simple vector store, its retrieval chain, its agent.
const langchain = '@n8n/n8n-nodes-langchain';

export const node = (name, type, typeVersion, parameters, more = {}) => ({
	id: name,
	name,
	type,
	typeVersion,
	position: [0, 0],
	parameters,
	...more,
});

/** A webhook that a Respond to Webhook node answers, as in our templates. */
export const webhook = (path) =>
	node(
		'In',
		'n8n-nodes-base.webhook',
		2.1,
		{ httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
		{ webhookId: path },
	);

export const respond = node('Out', 'n8n-nodes-base.respondToWebhook', 1.5, {
	respondWith: 'firstIncomingItem',
	options: {},
});

export const link = (to, type = 'main') => ({ [type]: [[{ node: to, type, index: 0 }]] });

export const flow = (id, nodes, connections) => ({
	id,
	name: id,
	nodes,
	connections,
	settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
});

const embeddings = (credential) =>
	node(
		'Vectors',
		`${langchain}.embeddingsOpenAi`,
		1.2,
		{ model: 'words', options: {} },
		{ credentials: { openAiApi: credential } },
	);

const chatModel = (credential) =>
	node(
		'Model',
		`${langchain}.lmChatOpenAi`,
		1.3,
		{
			model: { __rl: true, mode: 'id', value: 'scripted' },
			responsesApiEnabled: false,
			options: {},
		},
		{ credentials: { openAiApi: credential } },
	);

const store = (parameters) =>
	node('Store', `${langchain}.vectorStoreInMemory`, 1.3, {
		memoryKey: { __rl: true, mode: 'id', value: 'flow' },
		...parameters,
	});

/** Documents into the simple store, whole: they are one sentence each. */
export const peerIngest = (credential) =>
	flow(
		'peerIngest',
		[
			webhook('peer/documents'),
			node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.documents', options: {} }),
			store({ mode: 'insert', clearStore: true }),
			embeddings(credential),
			node('Loader', `${langchain}.documentDefaultDataLoader`, 1.1, {
				jsonMode: 'expressionData',
				jsonData: '={{ $json.text }}',
				options: {},
			}),
			respond,
		],
		{
			In: link('Split'),
			Split: link('Store'),
			Store: link('Out'),
			Vectors: link('Store', 'ai_embedding'),
			Loader: link('Store', 'ai_document'),
		},
	);

/** Question and Answer Chain over the simple store. */
export const peerAsk = (credential) =>
	flow(
		'peerAsk',
		[
			webhook('peer/ask'),
			node('Chain', `${langchain}.chainRetrievalQa`, 1.7, {
				promptType: 'define',
				text: '={{ $json.body.question }}',
				options: {},
			}),
			node('Retriever', `${langchain}.retrieverVectorStore`, 1, { topK: 6 }),
			store({ mode: 'retrieve' }),
			embeddings(credential),
			chatModel(credential),
			respond,
		],
		{
			In: link('Chain'),
			Chain: link('Out'),
			Retriever: link('Chain', 'ai_retriever'),
			Store: link('Retriever', 'ai_vectorStore'),
			Vectors: link('Store', 'ai_embedding'),
			Model: link('Chain', 'ai_languageModel'),
		},
	);

/** The agent that both sides run; only its model and its tool differ. */
export const agent = node('Agent', `${langchain}.agent`, 3.1, {
	promptType: 'define',
	text: '={{ $json.body.question }}',
	options: { enableStreaming: false },
});

/** AI Agent with the simple store as its tool. */
export const peerAgent = (credential) =>
	flow(
		'peerAgent',
		[
			webhook('peer/agent'),
			agent,
			store({ mode: 'retrieve-as-tool', toolDescription: 'Searches the office handbook', topK: 6 }),
			embeddings(credential),
			chatModel(credential),
			respond,
		],
		{
			In: link('Agent'),
			Agent: link('Out'),
			Store: link('Agent', 'ai_tool'),
			Vectors: link('Store', 'ai_embedding'),
			Model: link('Agent', 'ai_languageModel'),
		},
	);
