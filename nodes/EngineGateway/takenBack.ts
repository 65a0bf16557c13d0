import { type ITriggerFunctions, NodeOperationError, UserError } from 'n8n-workflow';
import { GatewayError, type GatewayOptions } from '../../lib/gateway';
import { messageOf } from '../../lib/support';

/**
 * Whether n8n says that a credential is there no more, or may not be used any more, as opposed to a database that is away for a
 * moment: who deletes a leaked key expects that it is refused.
 */
export function isTakenBack(error: unknown): boolean {
	return error instanceof UserError || error instanceof NodeOperationError;
}

/** Told once for as long as it stays the same, so that a look every few seconds fills no log. */
export function createProblemLog({ logger }: Pick<ITriggerFunctions, 'logger'>) {
	const told = new Map<string, string>();
	return {
		tell(what: string, error: unknown, consequence: string): void {
			const problem = messageOf(error);
			if (told.get(what) === problem) return;
			told.set(what, problem);
			const result = isTakenBack(error) ? consequence : 'The credential as it was stays in use';
			logger.error(`Engine Gateway: a credential cannot be read. ${result}. ${problem}`);
		},
		gone(what: string): void {
			if (told.delete(what)) logger.info('Engine Gateway: the credential can be read again.');
		},
	};
}

const refuse = (): GatewayError =>
	new GatewayError(
		'overloaded',
		'The credential of the gateway’s engines was deleted. Select another one in the node, and publish the workflow again.',
	);
const rejected = () => Promise.reject(refuse());

/** The engines of a credential that is gone: every request is answered with 503. */
export const NO_ENGINES: GatewayOptions['engines'] = {
	chat: () => {
		throw refuse();
	},
	complete: rejected,
	embed: rejected,
	rerank: rejected,
	transcribe: rejected,
	countTokens: rejected,
	models: rejected,
	health: () => Promise.resolve([]),
};
