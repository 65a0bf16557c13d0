import type { IDataObject, INodeExecutionData, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import { Gateway, type Exchange, type GatewayOptions } from '../../lib/gateway';
import { sha256 } from '../../lib/support';
import { enginesFor, holdEngines } from '../shared/engines';
import { Batch } from './batch';
import type { GatewaySettings } from './settings';

/** An exchange as an item: plain JSON, and no field that is undefined. */
export const toItem = (exchange: Exchange): INodeExecutionData => ({
	json: JSON.parse(JSON.stringify(exchange)) as IDataObject,
});

/** What `lib/gateway` is told, besides whom to hand exchanges to. */
export async function gatewayOptions(
	context: ITriggerFunctions | IWebhookFunctions,
	settings: GatewaySettings,
): Promise<{ readonly options: GatewayOptions; readonly release: () => void }> {
	const { engines, release } = await holdEngines(context);
	const { keys, aliases, allowRemote, maxBodyBytes, maxInFlight } = settings;
	return {
		release,
		options: {
			engines,
			keys,
			aliases,
			allowRemote,
			maxBodyBytes,
			maxInFlight,
			onFault: (fault) =>
				context.logger.error(`Engine Gateway: ${fault instanceof Error ? fault.stack : String(fault)}`),
		},
	};
}

/** Where exchanges go while a trigger is active in this process; by workflow and node. */
const sinks = new Map<string, (exchange: Exchange) => void>();

/** Gateways at webhook URLs, so that all requests of a node share its limits; by workflow and node. */
const gateways = new Map<
	string,
	{
		readonly fingerprint: string;
		readonly engines: object;
		readonly gateway: Gateway;
		readonly release: () => void;
	}
>();

export const nodeKey = (context: ITriggerFunctions | IWebhookFunctions): string =>
	`${context.getWorkflow().id ?? ''}:${context.getNode().id}`;

export const setSink = (key: string, sink: (exchange: Exchange) => void): void => void sinks.set(key, sink);
export const sinkOf = (key: string): ((exchange: Exchange) => void) | undefined => sinks.get(key);

/** Forgets a node that was unpublished. */
export function forget(key: string): void {
	sinks.delete(key);
	const known = gateways.get(key);
	gateways.delete(key);
	known?.release();
}

/**
 * The gateway of a node at its webhook URL. Parameters and keys are read anew for each request, so that a key that was taken
 * back is refused at once; as long as they are the same, so is the gateway.
 */
export async function webhookGateway(
	context: IWebhookFunctions,
	settings: GatewaySettings,
): Promise<Gateway> {
	const key = nodeKey(context);
	const fingerprint = sha256(JSON.stringify(settings));
	const engines = await enginesFor(context);
	const known = gateways.get(key);
	if (known?.fingerprint === fingerprint && known.engines === engines) return known.gateway;
	const { options, release } = await gatewayOptions(context, settings);
	known?.release();
	const gateway = new Gateway(options);
	gateways.set(key, { fingerprint, engines, gateway, release });
	return gateway;
}

/** Where exchanges go: one execution each, batches, or nowhere. */
export function sinkFor(
	context: ITriggerFunctions,
	{ exchanges, batchSize, batchSeconds }: GatewaySettings,
): { take: (exchange: Exchange) => void; flush: () => void } {
	const start = (items: INodeExecutionData[]) => context.emit([items]);
	if (exchanges === 'none') return { take: () => undefined, flush: () => undefined };
	if (exchanges === 'each') return { take: (exchange) => start([toItem(exchange)]), flush: () => undefined };
	const batch = new Batch<Exchange>(batchSize, batchSeconds * 1000, (gathered) =>
		start(gathered.map(toItem)),
	);
	return { take: (exchange) => batch.add(exchange), flush: () => batch.flush() };
}
