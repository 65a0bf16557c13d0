import type { ITriggerFunctions } from 'n8n-workflow';
import { type GatewayOptions, listen } from '../../lib/gateway';
import { createProblemLog, isTakenBack, NO_ENGINES } from './takenBack';
import { enginesFor } from '../shared/runtime/engines';
import { gatewayOptions } from './live';
import { credentialKeys, type GatewaySettings } from './settings';
import { startRun } from './workflowRuns';

/** How often the credentials are read again: so long a key that was taken back is still let in. Two look-ups in n8n's database. */
const REREAD_MS = 5_000;

/**
 * The gateway on a port of its own, until `close`. Keys and engines are those of the credentials as they are, not as they were
 * when the workflow was published.
 */
export async function serveOnPort(
	context: ITriggerFunctions,
	settings: GatewaySettings,
	onExchange: GatewayOptions['onExchange'],
): Promise<{ close(): Promise<void> }> {
	const options = await gatewayOptions(context, settings, (request) => startRun(context, settings, request));
	let current = options.engines;
	const anonymous = settings.keys.length === 0;
	const engines = following(() => current);
	const listener = await listen({ ...options, engines, anonymous, onExchange }, settings);

	const problems = createProblemLog(context);
	const rereadKeys = async (): Promise<void> => {
		try {
			// Without any key left nobody is let in.
			if (!anonymous) listener.gateway.replaceKeys(await credentialKeys(context));
			problems.gone('keys');
		} catch (error) {
			if (isTakenBack(error)) listener.gateway.replaceKeys([]);
			problems.tell('keys', error, 'The gateway refuses all keys');
		}
	};
	const rereadEngines = async (): Promise<void> => {
		try {
			current = await enginesFor(context);
			problems.gone('engines');
		} catch (error) {
			if (isTakenBack(error)) current = NO_ENGINES;
			problems.tell('engines', error, 'The gateway uses no engine');
		}
	};
	const reread = async (): Promise<void> => {
		await rereadKeys();
		await rereadEngines();
	};
	let reading: Promise<void> | undefined;
	const timer = setInterval(() => {
		reading ??= reread().finally(() => (reading = undefined));
	}, REREAD_MS);
	timer.unref();
	const close = async (): Promise<void> => {
		clearInterval(timer);
		// at once: who takes the port over does not wait for the answers that are still being written
		const closed = listener.close();
		await reading;
		await closed;
	};
	return { close };
}

/** Engines that may become others between two calls. */
function following(now: () => GatewayOptions['engines']): GatewayOptions['engines'] {
	return {
		chat: (...call) => now().chat(...call),
		complete: (...call) => now().complete(...call),
		embed: (...call) => now().embed(...call),
		rerank: (...call) => now().rerank(...call),
		transcribe: (...call) => now().transcribe(...call),
		countTokens: (...call) => now().countTokens(...call),
		models: (...call) => now().models(...call),
		health: (...call) => now().health(...call),
	};
}
