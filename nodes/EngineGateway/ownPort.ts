import type { ITriggerFunctions } from 'n8n-workflow';
import { type GatewayOptions, listen } from '../../lib/gateway';
import { messageOf, whenRemoved } from '../../lib/support';
import { holdEngines } from '../shared/runtime/engines';
import { gatewayOptions } from './live';
import { credentialKeys, type GatewaySettings } from './settings';

/** How often the credentials are read again: so long a key that was taken back is still let in. Two look-ups in n8n's database. */
const REREAD_MS = 10_000;

/**
 * The gateway on a port of its own, until `close`. Keys and engines are those of the credentials as they are, not as they were
 * when the workflow was published.
 */
export async function serveOnPort(
	context: ITriggerFunctions,
	settings: GatewaySettings,
	onExchange: GatewayOptions['onExchange'],
): Promise<{ close(): Promise<void> }> {
	const { options, release } = await gatewayOptions(context, settings);
	let held = { engines: options.engines, release };
	const anonymous = settings.keys.length === 0;
	const engines = following(() => held.engines);
	const listener = await listen({ ...options, engines, anonymous, onExchange }, settings).catch((error) => {
		held.release();
		throw error;
	});

	let told = '';
	const tell = (problem: string): void => {
		if (problem === told) return;
		told = problem;
		context.logger.error(`Engine Gateway: a changed credential does not take effect. ${problem}`);
	};
	const reread = async (): Promise<void> => {
		try {
			// Without any key left nobody is let in.
			if (!anonymous) listener.gateway.replaceKeys(await credentialKeys(context));
			const now = await holdEngines(context);
			const unused = now.engines === held.engines ? now : held;
			if (unused !== now) held = now;
			unused.release();
			told = '';
		} catch (error) {
			// n8n's database may be away for a moment: what was let in stays in.
			tell(messageOf(error));
		}
	};
	let reading: Promise<void> | undefined;
	const timer = setInterval(() => {
		reading ??= reread().finally(() => (reading = undefined));
	}, REREAD_MS);
	timer.unref();
	const close = async (): Promise<void> => {
		forget();
		clearInterval(timer);
		await reading;
		await listener.close();
		held.release();
	};
	// n8n does not stop the triggers of a pack that it removes
	const forget = whenRemoved(() => void close());
	return { close };
}

/** Engines that may become others between two calls. */
function following(now: () => GatewayOptions['engines']): GatewayOptions['engines'] {
	return {
		chat: (...call) => now().chat(...call),
		complete: (...call) => now().complete(...call),
		embed: (...call) => now().embed(...call),
		rerank: (...call) => now().rerank(...call),
		models: (...call) => now().models(...call),
		health: (...call) => now().health(...call),
	};
}
