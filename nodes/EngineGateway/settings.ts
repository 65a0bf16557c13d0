import type { ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { GatewayKey } from '../../lib/gateway';
import { InputError } from '../shared/fields';
import { GATEWAY_DEFAULTS } from './fields';

export interface GatewaySettings {
	readonly serveAt: 'webhook' | 'port';
	readonly host: string;
	readonly port: number;
	readonly keys: readonly GatewayKey[];
	readonly aliases: Readonly<Record<string, string>>;
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
			readonly maxConcurrency?: number;
			readonly requestsPerMinute?: number;
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
	return {
		serveAt: oneOf(parameter('serveAt', 'webhook'), ['webhook', 'port'], 'Serve At'),
		host: String(parameter('host', GATEWAY_DEFAULTS.host)).trim(),
		port: whole(parameter('port', GATEWAY_DEFAULTS.port), 1, 65_535, 'Port'),
		keys: await readKeys(context),
		aliases: Object.fromEntries(
			aliases
				.map(({ from, to }) => [String(from ?? '').trim(), String(to ?? '').trim()] as const)
				.filter(([from, to]) => from !== '' && to !== ''),
		),
		exchanges: oneOf(parameter('exchanges', 'each'), ['each', 'batch', 'none'], 'Exchanges'),
		batchSize: whole(parameter('batchSize', GATEWAY_DEFAULTS.batchSize), 1, 1000, 'Batch Size'),
		batchSeconds: whole(parameter('batchSeconds', GATEWAY_DEFAULTS.batchSeconds), 1, 3600, 'Batch Seconds'),
		allowRemote: options.allowRemote === true,
		maxBodyBytes:
			whole(options.maxBodyMegabytes ?? GATEWAY_DEFAULTS.maxBodyMegabytes, 1, 200, 'Largest Request') * 1024 * 1024,
		maxInFlight: whole(options.maxInFlight ?? GATEWAY_DEFAULTS.maxInFlight, 1, 100_000, 'Max Requests at Once'),
	};
}

async function readKeys(context: ITriggerFunctions | IWebhookFunctions): Promise<GatewayKey[]> {
	if (context.getNode().credentials?.engineGatewayApi === undefined) return [];
	const { keys } = await context.getCredentials<KeysCredential & Record<string, never>>('engineGatewayApi');
	const named = (keys?.values ?? []).map(({ name, key, maxConcurrency, requestsPerMinute }, index) => ({
		name: name?.trim() || `key ${index + 1}`,
		key: key?.trim() ?? '',
		...(maxConcurrency ? { maxConcurrency } : {}),
		...(requestsPerMinute ? { requestsPerMinute } : {}),
	}));
	if (named.length === 0)
		throw new InputError('The credential "Engine Gateway API" holds no key. Add one in the credential.');
	return named;
}

function record(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

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
