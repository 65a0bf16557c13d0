import type { INodeProperties } from 'n8n-workflow';
import { DEADLINES } from '../../../lib/engine';

/** How an engine is to answer: the same options wherever a node lets a model write. */
export const chatOptions: readonly INodeProperties[] = [
	{
		displayName: 'Allow Engines Outside the Premises',
		name: 'allowRemote',
		type: 'boolean',
		default: false,
		description: 'Whether engines marked in the credential as leaving the premises may be used here',
	},
	{
		displayName: 'Context Size',
		name: 'contextSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description:
			'Context window in tokens to load the model with (Ollama; other engines fix it when they start). If not set, the engine’s own is kept.',
	},
	{
		displayName: 'Keep Model in Memory',
		name: 'keepAlive',
		type: 'string',
		default: '',
		placeholder: '10m',
		description: 'How long Ollama keeps the model loaded after this call: 10m, 1h, -1 for ever, 0 not at all',
	},
	{
		displayName: 'Maximum Tokens',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		description:
			'Maximum number of tokens in the answer, including reasoning. If not set, the engine’s own limit applies.',
	},
	{
		displayName: 'Reasoning',
		name: 'reasoning',
		type: 'options',
		default: '',
		description: 'How much a thinking model may think before it answers',
		options: [
			{ name: 'As the Model Likes', value: '' },
			{ name: 'High', value: 'high' },
			{ name: 'Low', value: 'low' },
			{ name: 'Medium', value: 'medium' },
			{ name: 'Off', value: 'off' },
			{ name: 'On', value: 'on' },
		],
	},
	{
		displayName: 'Seed',
		name: 'seed',
		type: 'number',
		default: 0,
		description: 'Makes answers repeatable on engines that support it',
	},
	{
		displayName: 'Stop Sequences',
		name: 'stop',
		type: 'string',
		default: '',
		placeholder: 'END, ###',
		description: 'Texts at which the model stops, separated by commas; they are not part of the answer',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 2 },
		default: 0.7,
		description: 'Higher is more varied, 0 always takes the likeliest word',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEADLINES.totalMs / 1000,
		description: 'For the whole call with all engines it tries',
	},
	{
		displayName: 'Timeout for the First Token (Seconds)',
		name: 'firstTokenSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEADLINES.firstTokenMs / 1000,
		description:
			'From sending the request until the answer begins: waiting in the engine and reading the prompt',
	},
	{
		displayName: 'Top P',
		name: 'topP',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 1,
		description: 'Chooses among the likeliest words that make up this share of probability',
	},
];
