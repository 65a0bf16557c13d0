import type { IExecuteFunctions } from 'n8n-workflow';
import { InputError } from '../../../shared/runtime/errors';

/** Type of n8n's node Loop Over Items. */
const LOOP = 'n8n-nodes-base.splitInBatches';

/**
 * Inside a loop each run sees some of the items: a run that deletes what it was not sent would leave the last of them only.
 * @throws InputError where the node stands in the body of a Loop Over Items
 */
export function assertAllAtOnce(context: IExecuteFunctions): void {
	const { name } = context.getNode();
	const before = context.getParentNodes(name).filter(({ type, disabled }) => type === LOOP && !disabled);
	const behind = new Set(context.getChildNodes(name).map((node) => node.name));
	const loop = before.find((node) => behind.has(node.name));
	if (!loop) return;
	throw new InputError(
		`With Missing Documents set to Delete, all documents have to arrive in one run, but "${loop.name}" sends some of them at a time: each run would delete the documents of the others. Connect this node behind the output "done" of "${loop.name}", or set Missing Documents to Keep.`,
	);
}
