import type { ServerResponse } from 'node:http';
import type {
	INodeParameters,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { messageOf } from '../../lib/support';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { webhookPath } from '../shared/runtime/webhookPath';
import { engineGatewayApiTest } from './credentialTest';
import { gatewayFields } from './fields';
import { forget, nodeKey, setTrigger, sinkFor, toItem, triggerOf, webhookGateway } from './live';
import { outputs } from './outputs';
import { serveOnPort } from './ownPort';
import { checkReach, readSettings } from './settings';
import { untilUnloaded } from './unloaded';
import { startRun } from './workflowRuns';

/**
 * One endpoint. The path is declared as a function as well as an expression, so that n8n need not start its expression engine for
 * each call (docs/gateway.md has the figures). A gateway on a port of its own keeps its webhooks out of the way, under an ID of its
 * node: with a path of its own making, n8n would take two gateways on one port for a conflict of webhooks and not start the second,
 * which says that the port is taken.
 */
function endpoint(
	httpMethod: 'GET' | 'POST',
	path: (p: INodeParameters) => string,
	ndvHideUrl = true,
): IWebhookDescription {
	return {
		name: 'default',
		httpMethod,
		responseMode: 'onReceived',
		ndvHideUrl,
		...webhookPath(path, (p) => p.serveAt !== 'port'),
	};
}

export class EngineGateway implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Engine Gateway',
		name: 'engineGateway',
		icon: { light: 'file:engineGateway.svg', dark: 'file:engineGateway.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ $parameter["serveAt"] === "port" ? $parameter["host"] + ":" + $parameter["port"] : "/webhook/" + $parameter["path"] }}',
		description:
			'One endpoint for OpenAI and Anthropic clients in front of all your engines; each exchange can start the workflow, which can answer as a model itself',
		eventTriggerDescription: 'Waiting for a request',
		activationMessage: 'OpenAI clients can now call the gateway.',
		defaults: { name: 'Engine Gateway' },
		inputs: [],
		outputs,
		credentials: [
			{
				name: 'localEngineApi',
				displayName: 'Credential for Engines (Optional)',
				required: false,
				testedBy: 'localEngineApiTest',
			},
			{
				name: 'engineGatewayApi',
				displayName: 'Credential for Gateway Keys (Optional)',
				required: false,
				testedBy: 'engineGatewayApiTest',
			},
		],
		// Each function stands by itself: n8n also reads its source as an expression.
		webhooks: [
			endpoint(
				'POST',
				(p) =>
					(p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/chat/completions',
				false,
			),
			endpoint(
				'POST',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/responses',
			),
			endpoint(
				'POST',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/messages',
			),
			endpoint(
				'POST',
				(p) =>
					(p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') +
					'/messages/count_tokens',
			),
			endpoint(
				'POST',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/completions',
			),
			endpoint(
				'POST',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/embeddings',
			),
			endpoint(
				'POST',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/rerank',
			),
			endpoint(
				'GET',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/models',
			),
			endpoint(
				'GET',
				(p) => (p.serveAt === 'port' ? 'port' : typeof p.path === 'string' ? p.path : '') + '/health',
			),
		],
		properties: [...gatewayFields],
	};

	methods = { credentialTest: { engineGatewayApiTest, localEngineApiTest } };

	/** Runs while the workflow is published: takes the exchanges, and listens if a port was chosen. */
	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		// what n8n has loaded in the place of this file
		const newer = () =>
			(require.cache[__filename]?.exports as { EngineGateway: typeof EngineGateway }).EngineGateway;
		return await untilUnloaded(this, startGateway, () => new (newer())().trigger.call(this));
	}

	/** Answers one request at n8n's webhook URL. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const response = this.getResponseObject();
		let opened: Awaited<ReturnType<typeof webhookGateway>>;
		try {
			opened = await webhookGateway(this);
		} catch (thrown) {
			// n8n's own answer would be a stack that no client understands; a stranger need not know what is wrong.
			this.logger.error(`Engine Gateway "${this.getNode().name}": ${messageOf(thrown)}`);
			refuse(
				response,
				503,
				'The gateway cannot answer: there is a mistake in its credentials or settings. The log of n8n says which.',
				'gateway_unavailable',
			);
			return { noWebhookResponse: true };
		}
		const { settings, gateway } = opened;
		if (settings.serveAt === 'port') {
			refuse(response, 404, 'This gateway answers on a port of its own.');
			return { noWebhookResponse: true };
		}
		const request = this.getRequestObject();
		const body = request.method === 'POST' ? { body: this.getBodyData() } : {};
		const exchange = await gateway.handle(request, response, body);
		if (!exchange || settings.exchanges === 'none') return { noWebhookResponse: true };
		const trigger = this.getMode() === 'manual' ? undefined : triggerOf(nodeKey(this));
		trigger?.take(exchange);
		// In n8n's webhook processes no trigger runs: there each exchange starts the workflow by itself.
		return { noWebhookResponse: true, ...(trigger ? {} : { workflowData: [[toItem(exchange)]] }) };
	}
}

/** An error as OpenAI's clients expect it. */
function refuse(response: ServerResponse, status: number, message: string, code: string | null = null): void {
	const type = status < 500 ? 'invalid_request_error' : 'server_error';
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(JSON.stringify({ error: { message, type, param: null, code } }));
}

async function startGateway(context: ITriggerFunctions): Promise<ITriggerResponse> {
	try {
		const settings = await readSettings(context);
		checkReach(settings);
		const sink = sinkFor(context, settings);
		const key = nodeKey(context);
		if (settings.serveAt === 'webhook') {
			setTrigger(key, { take: sink.take, ask: (request) => startRun(context, settings, request) });
			return {
				closeFunction: async () => {
					forget(key);
					sink.flush();
				},
			};
		}
		const server = await serveOnPort(context, settings, sink.take);
		return {
			closeFunction: async () => {
				await server.close();
				sink.flush();
			},
		};
	} catch (error) {
		throw new NodeOperationError(context.getNode(), portMessage(error) ?? messageOf(error), {
			description: 'The gateway could not start. Fix the problem below, then publish the workflow again.',
		});
	}
}

function portMessage(error: unknown): string | undefined {
	const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
	if (code === 'EADDRINUSE') return 'The port is taken by another program or gateway. Choose another one.';
	if (code === 'EACCES') return 'n8n may not open this port. Choose one above 1023.';
	if (code === 'EADDRNOTAVAIL') return 'This machine does not have that address. Use 127.0.0.1 or 0.0.0.0.';
	return undefined;
}
