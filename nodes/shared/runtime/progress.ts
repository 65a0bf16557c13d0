import type { CallContext } from '../../../lib/support';
import type { Run } from './run';

const EVERY_MS = 2000;

/** Shows how far long work is: in the editor's console while someone watches, in n8n's log otherwise. */
export function progressFor({ context }: Run): CallContext['onProgress'] {
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

/** What every long call of an operation takes: the end of the execution, and progress shown to the user. */
export const callOf = (run: Run, signal = run.signal): CallContext => ({
	signal,
	onProgress: progressFor(run),
});
