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
	workflowSeconds: 120,
	workflowRuns: 20,
} as const;

const {
	path,
	host,
	port,
	batchSize,
	batchSeconds,
	maxBodyMegabytes,
	maxInFlight,
	workflowSeconds,
	workflowRuns,
} = GATEWAY_DEFAULTS;

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
				description: 'No port to open. Each call takes n8n some tens of milliseconds.',
			},
			{
				name: 'A Port of Its Own',
				value: 'port',
				description:
					'For heavy use: less than a millisecond per call. Runs in n8n’s main process only. A changed credential takes effect after ten seconds.',
			},
		],
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		noDataExpression: true,
		default: path,
		placeholder: 'v1',
		description:
			'Last part of the base URL for clients, after …/webhook/. Two published workflows cannot have the same path.',
		displayOptions: shownAt('webhook'),
	},
	{
		displayName: 'Address',
		name: 'host',
		type: 'string',
		noDataExpression: true,
		default: host,
		description:
			'Network address to listen on. 127.0.0.1 can be reached from this machine only; 0.0.0.0 from other machines, too, and needs API keys. Base URL for clients: http://ADDRESS:PORT/v1.',
		displayOptions: shownAt('port'),
	},
	{
		displayName: 'Port',
		name: 'port',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 65535 },
		default: port,
		description: 'Port to listen on. It must be free on this machine. In Docker, publish it as well.',
		displayOptions: shownAt('port'),
	},
	{
		displayName: 'Model Aliases',
		name: 'aliases',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Alias',
		description:
			'Other names for your models, so that clients can keep the model names they use now, and models that this workflow answers itself',
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
						displayName: 'Answered By',
						name: 'answeredBy',
						type: 'options',
						default: 'engine',
						description: 'Who answers requests for this model',
						options: [
							{ name: 'A Model of the Engines', value: 'engine' },
							{
								name: 'This Workflow',
								value: 'workflow',
								description:
									'Each request starts the workflow (output "Requests"). Connect the nodes that find the answer, and at the end Local Engine → Gateway → Answer Request.',
							},
						],
					},
					{
						displayName: 'Engines Get',
						name: 'to',
						type: 'string',
						default: '',
						placeholder: 'qwen3:8b',
						description: 'Model name that is sent to the engines',
						displayOptions: { show: { answeredBy: ['engine'] } },
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
		description: 'What to do with each request and its answer, usage and timings',
		options: [
			{
				name: 'Start the Workflow for Each',
				value: 'each',
				description: 'One execution with one item per exchange',
			},
			{
				name: 'Start the Workflow in Batches',
				value: 'batch',
				description: 'One execution for many exchanges. Use it to record heavy traffic.',
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
		default: batchSize,
		description: 'Maximum number of exchanges to collect before the workflow runs',
		displayOptions: { show: { exchanges: ['batch'] } },
	},
	{
		displayName: 'Batch Wait (Seconds)',
		name: 'batchSeconds',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 3600 },
		default: batchSeconds,
		description: 'Maximum time that an exchange waits before the workflow runs, in seconds',
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
				description: 'Whether to use engines that are marked as outside your network in the credential',
			},
			{
				displayName: 'Largest Request (MB)',
				name: 'maxBodyMegabytes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 200 },
				default: maxBodyMegabytes,
				description:
					'Maximum size of a request, in MB, on a port of its own. At the webhook URL, n8n’s own limit applies.',
			},
			{
				displayName: 'Max Requests at Once',
				name: 'maxInFlight',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: maxInFlight,
				description:
					'Maximum number of requests at the same time, from all callers together. Further requests are answered with status 503.',
			},
			{
				displayName: 'Max Workflow Runs at Once',
				name: 'workflowRuns',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1000 },
				default: workflowRuns,
				description:
					'Maximum number of executions at the same time that answer requests for models of this workflow. Further requests are answered with status 503.',
			},
			{
				displayName: 'Workflow Time Limit (Seconds)',
				name: 'workflowSeconds',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 3600 },
				default: workflowSeconds,
				description:
					'Maximum time that this workflow may take to answer a request for one of its models, in seconds. After it, the caller gets status 504.',
			},
		],
	},
];
