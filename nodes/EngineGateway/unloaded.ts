import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { messageOf, whenUnloaded, type Unloading } from '../../lib/support';

/**
 * Runs a trigger until its code is used no longer. n8n does not stop the triggers of a pack that it removes or updates: they would hold
 * their port with code of which the files are gone. After an update the trigger of the new code goes on in the same context.
 */
export async function untilUnloaded(
	context: ITriggerFunctions,
	start: (context: ITriggerFunctions) => Promise<ITriggerResponse>,
	startNewer: () => Promise<ITriggerResponse>,
): Promise<ITriggerResponse> {
	let running: ITriggerResponse | undefined = await start(context);
	let changing: Promise<void> | undefined;

	async function change(how: Unloading): Promise<void> {
		const ended = running?.closeFunction?.();
		running = undefined;
		const goOn = async () => (running = await startNewer());
		try {
			await Promise.all([ended, how === 'updated' ? goOn() : undefined]);
		} catch (error) {
			context.logger.error(
				`The Engine Gateway could not restart after the update of n8n-nodes-local-engine. Publish its workflow again. ${messageOf(error)}`,
			);
		}
	}

	const forget = whenUnloaded((how) => {
		changing = change(how);
	});
	return {
		closeFunction: async () => {
			forget();
			await changing;
			await running?.closeFunction?.();
		},
	};
}
