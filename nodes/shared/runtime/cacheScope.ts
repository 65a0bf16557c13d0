import { randomUUID } from 'node:crypto';
import type { NodeContext } from './context';
import { spaceIdOf } from './spaces';

/**
 * Whose vectors are remembered: a text that one has embedded must not be answered faster to another. Nodes of a space share
 * what they remember; a node without one shares it with the other nodes of its workflow.
 */
export async function cacheScopeOf(context: NodeContext, itemIndex: number): Promise<string> {
	const space = await spaceIdOf(context, itemIndex);
	return space === undefined ? workflowScopeOf(context) : `space ${space}`;
}

/** Whose memory it is where no space says so: that of the workflow, or of the execution where nobody vouches for its id. */
export function workflowScopeOf(context: NodeContext): string {
	const { id } = context.getWorkflow();
	// The id of a sub-workflow may be written by hand, as part of a workflow in JSON.
	const isOwnId = id !== undefined && id !== '' && id !== UNSAVED && context.getMode() !== 'integrated';
	if (isOwnId) return `workflow ${id}`;
	return `execution ${context.getExecutionId() || randomUUID()}`;
}

/** What n8n calls every workflow that was not saved. */
const UNSAVED = '__EMPTY__';
