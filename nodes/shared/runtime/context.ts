import type { IExecuteFunctions } from 'n8n-workflow';

/** What n8n hands to a root node and to a sub-node alike: as much of it as reading fields takes. */
export type NodeContext = Pick<
	IExecuteFunctions,
	| 'getNode'
	| 'getNodeParameter'
	| 'getCredentials'
	| 'getInputData'
	| 'getExecutionCancelSignal'
	| 'getExecutionId'
	| 'getMode'
	| 'getTimezone'
	| 'getWorkflow'
	| 'helpers'
	| 'logger'
>;
