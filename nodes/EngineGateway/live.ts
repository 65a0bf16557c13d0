import type { IDataObject, INodeExecutionData, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { EnginePool } from '../../lib/engine';
import {
	Gateway,
	GatewayError,
	type Exchange,
	type GatewayOptions,
	type WorkflowOptions,
} from '../../lib/gateway';
import { jsonCopy, sha256 } from '../../lib/support';
import { enginesFor } from '../shared/runtime/engines';
import { Batch } from './batch';
import { readSettings, type GatewaySettings } from './settings';

/** An exchange as an item: plain JSON, and no field that is undefined. */
export const toItem = (exchange: Exchange): INodeExecutionData => ({
	json: jsonCopy(exchange) as IDataObject,
});

/** What `lib/gateway` is told, besides whom to hand exchanges to. */
export async function gatewayOptions(
	context: ITriggerFunctions | IWebhookFunctions,
	settings: GatewaySettings,
	ask: Ask,
): Promise<GatewayOptions> {
	const engines = await enginesFor(context);
	const { keys, aliases, allowRemote, maxBodyBytes, maxInFlight } = settings;
	const { workflowModels: models, workflowSeconds, workflowRuns: maxAtOnce } = settings;
	return {
		engines,
		keys,
		aliases,
		allowRemote,
		maxBodyBytes,
		maxInFlight,
		...(models.length > 0 && { workflow: { models, ask, deadlineMs: workflowSeconds * 1000, maxAtOnce } }),
		onFault: (fault) =>
			context.logger.error(`Engine Gateway: ${fault instanceof Error ? fault.stack : String(fault)}`),
	};
}

type Ask = WorkflowOptions['ask'];

/** A trigger that is active in this process: where exchanges go, and what starts the workflow for a request. */
interface LiveTrigger {
	readonly take: (exchange: Exchange) => void;
	readonly ask: Ask;
}

/** By workflow and node. */
const triggers = new Map<string, LiveTrigger>();

/** What answers at a webhook URL. */
interface WebhookGateway {
	readonly settings: GatewaySettings;
	readonly gateway: Gateway;
}

/** Gateways at webhook URLs, so that all requests of a node share its limits; by workflow and node. */
const gateways = new Map<
	string,
	WebhookGateway & {
		readonly fingerprint: string;
		readonly engines: EnginePool;
		/** `performance.now()` when parameters and credentials were read. */
		readonly readAt: number;
	}
>();

/** Reading two credentials from n8n's database costs a millisecond or two: one reading serves the requests of a second. */
const READ_AGAIN_MS = 1000;

export const nodeKey = (context: ITriggerFunctions | IWebhookFunctions): string =>
	`${context.getWorkflow().id ?? ''}:${context.getNode().id}`;

export const setTrigger = (key: string, trigger: LiveTrigger): void => void triggers.set(key, trigger);
export const triggerOf = (key: string): LiveTrigger | undefined => triggers.get(key);

/** Hands a request at the webhook URL to the trigger. @throws GatewayError `workflowUnavailable` in a process without one */
const askTrigger =
	(key: string): Ask =>
	(request) => {
		const trigger = triggers.get(key);
		if (trigger) return trigger.ask(request);
		throw new GatewayError(
			'workflowUnavailable',
			`The model "${request.model}" is a workflow that cannot be started from this process of n8n. Publish the workflow. If it is published, n8n has separate webhook processes or several main processes: set "Serve At" of its Engine Gateway to a port of its own, and call that.`,
		);
	};

/** Forgets a node that was unpublished. */
export function forget(key: string): void {
	triggers.delete(key);
	gateways.delete(key);
}

/**
 * The gateway of a node at its webhook URL. Parameters and credentials are read anew every second, so that a key that was
 * taken back is refused a second later; as long as they are the same, so is the gateway.
 */
export async function webhookGateway(context: IWebhookFunctions): Promise<WebhookGateway> {
	const key = nodeKey(context);
	const last = gateways.get(key);
	const readAt = performance.now();
	// In the editor the next call may come right after a change.
	if (last && readAt - last.readAt < READ_AGAIN_MS && context.getMode() !== 'manual') return last;
	const [settings, engines] = await Promise.all([readSettings(context), enginesFor(context)]);
	const fingerprint = sha256(JSON.stringify(settings));
	// Another request may have been faster.
	const known = gateways.get(key);
	if (known?.fingerprint === fingerprint && known.engines === engines) {
		gateways.set(key, { ...known, readAt });
		return known;
	}
	const gateway = new Gateway(await gatewayOptions(context, settings, askTrigger(key)));
	const made = { settings, fingerprint, engines, gateway, readAt };
	gateways.set(key, made);
	return made;
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
