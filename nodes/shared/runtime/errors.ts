import type { IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError, UserError } from 'n8n-workflow';
import { EngineError } from '../../../lib/engine';
import { LocalEngineError, messageOf, packFailure, withPackNotice } from '../../../lib/support';
import { statusOf } from './statusCodes';

/** The caller's mistake: the item's data or a parameter is wrong. Becomes a 400 where a webhook answers. */
export class InputError extends UserError {
	readonly kind = 'invalidInput';
}

const kindOf = (error: unknown): string | undefined =>
	typeof error === 'object' && error !== null && 'kind' in error && typeof error.kind === 'string'
		? error.kind
		: undefined;

/** Whatever was thrown as an error n8n shows at the item it belongs to, the engine's own words in the description. */
export function toNodeError(
	node: INode,
	thrown: unknown,
	itemIndex: number,
): NodeOperationError | NodeApiError {
	if (thrown instanceof NodeOperationError || thrown instanceof NodeApiError) {
		thrown.context.itemIndex ??= itemIndex;
		thrown.message = withPackNotice(thrown.message);
		return thrown;
	}
	const message = withPackNotice(stoppedMessage(thrown) ?? messageOf(thrown));
	if (thrown instanceof EngineError) return nodeError(node, message, message, itemIndex, engineWords(thrown));
	const cause = thrown instanceof LocalEngineError ? thrown.cause : undefined;
	return nodeError(
		node,
		thrown instanceof Error ? thrown : message,
		message,
		itemIndex,
		cause === undefined ? undefined : messageOf(cause),
	);
}

/** n8n does not tell a node which of both it was. */
const STOPPED = 'The execution was stopped, or it reached the time limit of the workflow.';

function stoppedMessage(thrown: unknown): string | undefined {
	// As signals of the platform say it.
	if (typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'AbortError')
		return STOPPED;
	return kindOf(thrown) === 'cancelled' ? `${messageOf(thrown)} ${STOPPED}` : undefined;
}

function nodeError(
	node: INode,
	thrown: Error | string,
	message: string,
	itemIndex: number,
	description: string | undefined,
): NodeOperationError {
	const error = new NodeOperationError(node, thrown, { itemIndex, message, description });
	// n8n puts a sentence of its own in place of a message that names a system error such as ECONNREFUSED.
	error.message = message;
	error.messages = [];
	return error;
}

/** What the engine said and how each try went, as far as the message does not say it. */
function engineWords({ message, engine, engineMessage, attempts }: EngineError): string | undefined {
	const lines = [
		...(engineMessage === undefined ? [] : [`${engine ?? 'The engine'} said: ${engineMessage}`]),
		...attempts.map((attempt) => `${attempt.engine}: ${attempt.message ?? attempt.outcome}`),
	];
	const isNew = (line: string) => !message.includes(line.slice(line.indexOf(': ') + 2));
	return [...new Set(lines)].filter(isNew).join('\n') || undefined;
}

/**
 * The item that stands for a failed one when the node is set to continue: the input item with the sentence, its kind and an
 * HTTP status.
 *
 * For an error output n8n adds the input's JSON itself, and takes only an item for a failed one that has no keys but `error`,
 * `message` and `details`. It does not add the files.
 */
export function errorItem(
	context: IExecuteFunctions,
	thrown: unknown,
	itemIndex: number,
): INodeExecutionData {
	const { message, description } = toNodeError(context.getNode(), thrown, itemIndex);
	// While the pack is updated a value can be missing that was sent: it is not the caller who has to change something.
	const kind = packFailure()?.kind ?? kindOf(thrown) ?? 'failed';
	const details = { kind, statusCode: statusOf(kind), ...(description && { description }) };
	const input = context.getInputData()[itemIndex];
	return {
		json: {
			...(context.getNode().onError !== 'continueErrorOutput' && input?.json),
			error: message,
			details,
		},
		binary: input?.binary,
		pairedItem: { item: itemIndex },
	};
}

/**
 * Runs a node. Whatever it throws as a whole becomes an error of each item where the node is set to go on: n8n hands the items on by
 * the first output then, as if nothing had happened.
 */
export async function withErrorItems(
	context: IExecuteFunctions,
	execute: () => Promise<INodeExecutionData[][]>,
): Promise<INodeExecutionData[][]> {
	try {
		return await execute();
	} catch (thrown) {
		if (!context.continueOnFail()) throw toNodeError(context.getNode(), thrown, 0);
		return [context.getInputData().map((_, index) => errorItem(context, thrown, index))];
	}
}
