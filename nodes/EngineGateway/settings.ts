import type { ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { GatewayKey } from '../../lib/gateway';
import { isObject } from '../../lib/support';
import { InputError } from '../shared/runtime/errors';
import { GATEWAY_DEFAULTS } from './fields';

export interface GatewaySettings {
	readonly serveAt: 'webhook' | 'port';
	readonly path: string;
	readonly host: string;
	readonly port: number;
	readonly keys: readonly GatewayKey[];
	readonly aliases: Readonly<Record<string, string>>;
	/** Models that the workflow answers itself. */
	readonly workflowModels: readonly string[];
	readonly workflowSeconds: number;
	readonly workflowRuns: number;
	readonly exchanges: 'each' | 'batch' | 'none';
	readonly batchSize: number;
	readonly batchSeconds: number;
	readonly allowRemote: boolean;
	readonly maxBodyBytes: number;
	readonly maxInFlight: number;
}

interface KeysCredential {
	readonly keys?: {
		readonly values?: ReadonlyArray<{
			readonly name?: string;
			readonly key?: string;
			/** Empty, or 0, for no limit; an expression may give it as text. */
			readonly maxConcurrency?: number | string;
			readonly requestsPerMinute?: number | string;
			readonly tokensPerDay?: number | string;
		}>;
	};
}

/**
 * The node's parameters and its keys.
 *
 * @throws InputError for what cannot be served
 */
export async function readSettings(context: ITriggerFunctions | IWebhookFunctions): Promise<GatewaySettings> {
	const parameter = (name: string, fallback: unknown): unknown => context.getNodeParameter(name, fallback);
	const options = record(parameter('options', {}));
	const aliases = list(record(parameter('aliases', {})).values).map(record);
	const byWorkflow = aliases.filter(({ answeredBy }) => answeredBy === 'workflow');
	return {
		serveAt: oneOf(parameter('serveAt', 'webhook'), ['webhook', 'port'], 'Serve At'),
		path: text(parameter('path', GATEWAY_DEFAULTS.path)),
		host: text(parameter('host', GATEWAY_DEFAULTS.host)),
		port: whole(parameter('port', GATEWAY_DEFAULTS.port), 1, 65_535, 'Port'),
		keys: await readKeys(context),
		aliases: Object.fromEntries(
			aliases
				.filter((row) => !byWorkflow.includes(row))
				.map(({ from, to }) => [text(from), text(to)] as const)
				.filter(([from, to]) => from !== '' && to !== ''),
		),
		workflowModels: byWorkflow.map(({ from }) => text(from)).filter((name) => name !== ''),
		workflowSeconds: whole(
			options.workflowSeconds ?? GATEWAY_DEFAULTS.workflowSeconds,
			1,
			3600,
			'Workflow Time Limit (Seconds)',
		),
		workflowRuns: whole(
			options.workflowRuns ?? GATEWAY_DEFAULTS.workflowRuns,
			1,
			1000,
			'Max Workflow Runs at Once',
		),
		exchanges: oneOf(parameter('exchanges', 'each'), ['each', 'batch', 'none'], 'Exchanges'),
		batchSize: whole(parameter('batchSize', GATEWAY_DEFAULTS.batchSize), 1, 1000, 'Batch Size'),
		batchSeconds: whole(
			parameter('batchSeconds', GATEWAY_DEFAULTS.batchSeconds),
			1,
			3600,
			'Batch Wait (Seconds)',
		),
		allowRemote: options.allowRemote === true,
		maxBodyBytes:
			whole(options.maxBodyMegabytes ?? GATEWAY_DEFAULTS.maxBodyMegabytes, 1, 200, 'Largest Request') *
			1024 *
			1024,
		maxInFlight: whole(
			options.maxInFlight ?? GATEWAY_DEFAULTS.maxInFlight,
			1,
			100_000,
			'Max Requests at Once',
		),
	};
}

/** At the webhook URL the gateway is as reachable as n8n; there, and on any address but this machine's, keys are a must. */
export function checkReach({ serveAt, path, keys, host }: GatewaySettings): void {
	if (serveAt === 'webhook' && !/^[\w.-]+(?:\/[\w.-]+)*$/.test(path))
		throw new InputError(
			`"Path" must be words of letters, digits, dots and dashes with / between them, like v1 or team/v1, not "${path}".`,
		);
	if (keys.length > 0) return;
	if (serveAt === 'webhook')
		throw new InputError(
			'At the webhook URL the gateway would be open to everybody who can reach n8n. Choose a credential "Engine Gateway API" with keys.',
		);
	if (host !== '127.0.0.1' && host !== 'localhost' && host !== '::1')
		throw new InputError(
			`On ${host} the gateway would be open to the network. Choose a credential "Engine Gateway API" with keys, or the address 127.0.0.1.`,
		);
}

async function readKeys(context: ITriggerFunctions | IWebhookFunctions): Promise<GatewayKey[]> {
	const keys = await credentialKeys(context);
	if (keys.length === 0 && context.getNode().credentials?.engineGatewayApi !== undefined)
		throw new InputError('The credential "Engine Gateway API" holds no key. Add one in the credential.');
	return keys;
}

/** The keys of the node's credential as it is now; none without one. */
export async function credentialKeys(context: ITriggerFunctions | IWebhookFunctions): Promise<GatewayKey[]> {
	if (context.getNode().credentials?.engineGatewayApi === undefined) return [];
	return keysOf(await context.getCredentials('engineGatewayApi'));
}

/** The keys of a credential as its form stores it. */
export function keysOf({ keys }: KeysCredential): GatewayKey[] {
	return (keys?.values ?? []).map(
		({ name, key, maxConcurrency, requestsPerMinute, tokensPerDay }, index) => ({
			name: name?.trim() || `key ${index + 1}`,
			key: key?.trim() ?? '',
			...limit('maxConcurrency', maxConcurrency),
			...limit('requestsPerMinute', requestsPerMinute),
			...limit('tokensPerDay', tokensPerDay),
		}),
	);
}

const limit = <Name extends string>(name: Name, value: number | string | undefined) =>
	Number(value) ? ({ [name]: Number(value) } as Record<Name, number>) : {};

function record(value: unknown): Record<string, unknown> {
	return isObject(value) ? { ...value } : {};
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function whole(value: unknown, least: number, most: number, label: string): number {
	if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
	throw new InputError(`"${label}" must be a whole number from ${least} to ${most}, not ${String(value)}.`);
}

function oneOf<T extends string>(value: unknown, choices: readonly T[], label: string): T {
	const choice = choices.find((each) => each === value);
	if (choice === undefined) throw new InputError(`"${label}" must be one of ${choices.join(', ')}.`);
	return choice;
}
