import type { INodeProperties } from 'n8n-workflow';
import { DEADLINES } from '../../../lib/engine';

const timeoutSeconds = DEADLINES.totalMs / 1000;
const firstTokenSeconds = DEADLINES.firstTokenMs / 1000;

/** How an engine is to answer: the same options wherever a node lets a model write. */
export const chatOptions: readonly INodeProperties[] = [
	{
		displayName: 'Allow Engines Outside Your Network',
		name: 'allowRemote',
		type: 'boolean',
		default: false,
		description: 'Whether to use engines that are marked as outside your network in the credential',
	},
	{
		displayName: 'Context Size',
		name: 'contextSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description:
			'Context window, in tokens, that Ollama loads the model with. Other engines set it when they start. If not set, the engine’s own value is used.',
	},
	{
		displayName: 'Keep Model in Memory',
		name: 'keepAlive',
		type: 'string',
		default: '',
		placeholder: '10m',
		description:
			'How long Ollama keeps the model in memory after this call, for example 10m or 1h. -1 keeps it loaded, 0 unloads it at once.',
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
		description: 'How much a reasoning model thinks before it answers',
		options: [
			{ name: 'High', value: 'high' },
			{ name: 'Low', value: 'low' },
			{ name: 'Medium', value: 'medium' },
			{ name: 'Model Default', value: '' },
			{ name: 'Off', value: 'off' },
			{ name: 'On', value: 'on' },
		],
	},
	{
		displayName: 'Seed',
		name: 'seed',
		type: 'number',
		default: 0,
		description: 'Number that makes answers repeatable, on engines that support it',
	},
	{
		displayName: 'Stop Sequences',
		name: 'stop',
		type: 'string',
		default: '',
		placeholder: 'END, ###',
		description: 'Texts at which the model stops, separated by commas. They are not part of the answer.',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 2 },
		default: 0.7,
		description: 'Randomness of the answer. 0 gives the most predictable answer; 1 and above vary more.',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: timeoutSeconds,
		description: 'Maximum time for the whole call, with all engines that are tried',
	},
	{
		displayName: 'Timeout for the First Token (Seconds)',
		name: 'firstTokenSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: firstTokenSeconds,
		description:
			'Maximum time until the answer begins. It includes waiting in the engine and reading the prompt.',
	},
	{
		displayName: 'Top P',
		name: 'topP',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 1,
		description:
			'Limits the choice to the most likely words that together have this probability, from 0 to 1',
	},
];
