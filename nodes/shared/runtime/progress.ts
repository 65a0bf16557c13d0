import { RunningJob, type Advance, type JobStart } from '../../../lib/reports';
import { type CallContext, messageOf } from '../../../lib/support';
import type { NodeItem } from './nodeItem';
import type { Run } from './run';
import { shownFolder } from './spaces';

const EVERY_MS = 2000;

/** Shows how far long work is: in the editor's console while someone watches, in n8n's log otherwise. */
function shownLine({ context }: Run): (advance: Advance) => void {
	const node = context.getNode().name;
	let last = Date.now();
	return ({ done, total, note }) => {
		if (Date.now() - last < EVERY_MS) return;
		last = Date.now();
		const text = `${node}: ${done}${total === undefined ? '' : ` of ${total}`}${note ? `, ${note}` : ''}`;
		if (context.getMode() === 'manual') context.sendMessageToUI(text);
		else context.logger.info(text);
	};
}

/**
 * Runs work that can take long, so that people see how far it is while it runs: *Get Progress* and the page of the *Local Engine Reports*
 * trigger read what is written down here.
 *
 * @param item whose space the work is in: only there it is seen
 * @param job what is done, to what, and what its progress counts
 * @param work gets the end of the execution and what it tells its progress to
 */
export async function watched<T>(
	run: Run,
	item: NodeItem,
	job: Pick<JobStart, 'task' | 'subject' | 'unit'>,
	work: (call: CallContext & { readonly onProgress: (advance: Advance) => void }) => Promise<T>,
	signal = run.signal,
): Promise<T> {
	const { context } = run;
	const { name: workflow } = context.getWorkflow();
	const show = shownLine(run);
	const folder = await shownFolder(item.context, item.index);
	const running =
		folder &&
		new RunningJob(
			folder,
			{ ...job, node: context.getNode().name, ...(workflow !== undefined && { workflow }) },
			(thrown) =>
				context.logger.warn(`The progress of "${job.task}" could not be written: ${messageOf(thrown)}`),
		);
	const onProgress = (advance: Advance) => {
		show(advance);
		if (running) running.advance(advance);
	};
	const working = work({ signal, onProgress });
	const [outcome] = await Promise.allSettled([working]);
	if (running) await running.end(outcome.status === 'rejected' ? messageOf(outcome.reason) : undefined);
	return await working;
}
