import type { INodeProperties } from 'n8n-workflow';

/** Defaults in one place: the form shows them, and `readSettings` falls back to them. */
export const GATEWAY_DEFAULTS = {
	path: 'v1',
	host: '127.0.0.1',
	port: 9100,
	batchSize: 50,
	batchSeconds: 60,
	maxBodyMegabytes: 10,
	maxInFlight: 1000,
} as const;

const shownAt = (serveAt: string) => ({ show: { serveAt: [serveAt] } });

export const gatewayFields: INodeProperties[] = [
	{
		displayName: 'Serve At',
		name: 'serveAt',
		type: 'options',
		noDataExpression: true,
		default: 'webhook',
		description: 'Where clients find the gateway',
		options: [
			{
				name: 'N8n’s Webhook URL',
				value: 'webhook',
				description: 'Nothing to open; each call costs n8n some tens of milliseconds',
			},
			{
				name: 'A Port of Its Own',
				value: 'port',
				description:
					'For heavy use: less than a millisecond a call; runs in n8n’s main process only. Changed credentials hold after ten seconds.',
			},
		],
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		noDataExpression: true,
		default: GATEWAY_DEFAULTS.path,
		placeholder: 'v1',
		description:
			'Base URL of clients: …/webhook/ and this path. No two published workflows can have the same.',
		displayOptions: shownAt('webhook'),
	},
	{
		displayName: 'Address',
		name: 'host',
		type: 'string',
		noDataExpression: true,
		default: GATEWAY_DEFAULTS.host,
		description:
			'127.0.0.1 is reached from this machine only; 0.0.0.0 from everywhere, which needs API keys. Base URL of clients: http://ADDRESS:PORT/v1.',
		displayOptions: shownAt('port'),
	},
	{
		displayName: 'Port',
		name: 'port',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 65535 },
		default: GATEWAY_DEFAULTS.port,
		description: 'Must be free on this machine; in Docker it must be published too',
		displayOptions: shownAt('port'),
	},
	{
		displayName: 'Model Aliases',
		name: 'aliases',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Alias',
		description: 'Lets clients keep the model names they are set to',
		options: [
			{
				displayName: 'Alias',
				name: 'values',
				values: [
					{
						displayName: 'Clients Ask For',
						name: 'from',
						type: 'string',
						default: '',
						placeholder: 'gpt-4o-mini',
						description: 'Model name in the request',
					},
					{
						displayName: 'Engines Get',
						name: 'to',
						type: 'string',
						default: '',
						placeholder: 'qwen3:8b',
						description: 'Model name that is passed on',
					},
				],
			},
		],
	},
	{
		displayName: 'Exchanges',
		name: 'exchanges',
		type: 'options',
		noDataExpression: true,
		default: 'each',
		description: 'What becomes of each request with its answer, usage and timings',
		options: [
			{
				name: 'Start the Workflow for Each',
				value: 'each',
				description: 'One execution with one item per exchange',
			},
			{
				name: 'Start the Workflow in Batches',
				value: 'batch',
				description: 'One execution for many exchanges; the choice for recording heavy traffic',
			},
			{ name: 'Nothing', value: 'none', description: 'The gateway only answers' },
		],
	},
	{
		displayName: 'Batch Size',
		name: 'batchSize',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: GATEWAY_DEFAULTS.batchSize,
		description: 'Exchanges that start an execution at the latest',
		displayOptions: { show: { exchanges: ['batch'] } },
	},
	{
		displayName: 'Batch Seconds',
		name: 'batchSeconds',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 3600 },
		default: GATEWAY_DEFAULTS.batchSeconds,
		description: 'How long the first exchange of a batch waits at most',
		displayOptions: { show: { exchanges: ['batch'] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		default: {},
		placeholder: 'Add Option',
		description: 'Limits and permissions that rarely need a change',
		options: [
			{
				displayName: 'Allow Engines Outside Your Network',
				name: 'allowRemote',
				type: 'boolean',
				default: false,
				description: 'Whether engines that the credential marks so may be used',
			},
			{
				displayName: 'Largest Request (MB)',
				name: 'maxBodyMegabytes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 200 },
				default: GATEWAY_DEFAULTS.maxBodyMegabytes,
				description: 'On a port of its own; at the webhook URL n8n’s own limit holds',
			},
			{
				displayName: 'Max Requests at Once',
				name: 'maxInFlight',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: GATEWAY_DEFAULTS.maxInFlight,
				description: 'Over all callers; further ones are answered with 503',
			},
		],
	},
];
