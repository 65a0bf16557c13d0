import { createServer } from 'node:http';
import { runInNewContext } from 'node:vm';
import type {
	IDataObject,
	IExecuteResponsePromiseData,
	INodeExecutionData,
	IRun,
	ITriggerFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { EngineGateway } from '../../../../nodes/EngineGateway/EngineGateway.node';
import { outputs } from '../../../../nodes/EngineGateway/outputs';
import { answerRequest } from '../../../../nodes/LocalEngine/actions/gateway/answerRequest.operation';
import { contextOf } from '../../../support/nodeContext';
import { Run } from '../../../../nodes/shared/runtime/run';

const key = 'unit-test-key-0123456789';
const node = new EngineGateway();
const aliases = { values: [{ from: 'docs', answeredBy: 'workflow', to: '' }] };
const question = { model: 'docs', messages: [{ role: 'user', content: 'What is a bridge?' }] };

interface Deferred<T> {
	promise: Promise<T>;
	resolve: (value: T) => void;
	reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
	const made = {} as Deferred<T>;
	made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
	return made;
}

/** A run of the workflow as n8n holds it. */
interface Started {
	readonly data: INodeExecutionData[][];
	readonly response: Deferred<IExecuteResponsePromiseData>;
	readonly done: Deferred<IRun | undefined>;
}

const runThat = (status: string, lastNodeExecuted?: string, error?: Error) =>
	({
		status,
		finished: status === 'success',
		data: { resultData: { lastNodeExecuted, error } },
	}) as unknown as IRun;

/** As much of n8n's context as the node touches; `work` is the workflow. */
function gatewayContext(
	id: string,
	parameters: IDataObject,
	work: (run: Started) => void,
	more: Record<string, unknown> = {},
) {
	const started: Started[] = [];
	const all: IDataObject = { aliases, exchanges: 'none', ...parameters };
	const context = {
		getNode: () => ({
			id,
			name: 'Engine Gateway',
			type: 'n8n-nodes-local-engine.engineGateway',
			parameters: all,
			credentials: { engineGatewayApi: { id: '1', name: 'keys' } },
		}),
		getWorkflow: () => ({ id: 'workflow' }),
		getMode: () => 'trigger',
		getNodeParameter: (name: string, fallback: unknown) => all[name] ?? fallback,
		getCredentials: async () => ({ keys: { values: [{ name: 'team', key }] } }),
		emit: (data: INodeExecutionData[][], response: Started['response'], done: Started['done']) => {
			const run = { data, response, done };
			started.push(run);
			work(run);
		},
		helpers: { createDeferredPromise: deferred },
		logger: { error: () => undefined, info: () => undefined },
		...more,
	};
	return { started, context: context as unknown as ITriggerFunctions & IWebhookFunctions };
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === 'object' && address ? address.port : 0;
}

async function post(url: string, body: object) {
	const response = await fetch(`${url}/chat/completions`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
		body: JSON.stringify(body),
	});
	return { status: response.status, answer: JSON.parse(await response.text()) };
}

/** What a client is told by a gateway on a port of its own whose workflow does this. */
async function askOwnPort(work: (run: Started) => void, options: IDataObject = {}, more: IDataObject = {}) {
	const port = await freePort();
	const { started, context } = gatewayContext(
		`port-${port}`,
		{ serveAt: 'port', port, options, ...more },
		work,
	);
	const trigger = await node.trigger.call(context);
	try {
		return { started, ...(await post(`http://127.0.0.1:${port}/v1`, question)) };
	} finally {
		await trigger.closeFunction?.();
	}
}

/** The node *Answer Request* in the workflow of a run. */
async function answerOf(
	items: IDataObject[],
	{
		before = [{ name: 'g', type: 'n8n-nodes-local-engine.engineGateway' }],
		...more
	}: Record<string, unknown> = {},
) {
	const sent: IExecuteResponsePromiseData[] = [];
	const context = Object.assign(
		contextOf({
			items: items.map((json) => ({ json })),
			before: before as never,
			...more,
		}),
		{ sendResponse: async (response: IExecuteResponsePromiseData) => void sent.push(response) },
	);
	const output = await answerRequest.execute(new Run(context, answerRequest.fields));
	return { sent, output };
}

describe('a request for a model that is the workflow', () => {
	it('starts it, and gets what Answer Request sends', async () => {
		const { sent, output } = await answerOf([{ output: 'A way over water.' }]);
		expect(output).toMatchObject([[{ json: { output: 'A way over water.' } }]]);
		const { started, status, answer } = await askOwnPort(({ response, done }) => {
			response.resolve(sent[0] ?? {});
			done.resolve(runThat('success'));
		});
		expect(status).toBe(200);
		expect(answer.choices[0].message.content).toBe('A way over water.');
		const [{ data } = { data: [] }] = started;
		const json = { id: answer.id, model: 'docs', key: 'team', question: 'What is a bridge?', stream: false };
		expect(data).toMatchObject([[{ json }]]);
	});

	it('leaves by an output of its own where exchanges leave, too', async () => {
		const { started } = await askOwnPort(
			({ data, response, done }) => {
				if (data.length < 2) return;
				response.resolve({});
				done.resolve(runThat('success'));
			},
			{},
			{ exchanges: 'each' },
		);
		expect(started.map(({ data }) => data)).toMatchObject([
			[[], [{ json: { question: 'What is a bridge?' } }]],
			[[{ json: { status: 502, requestedModel: 'docs' } }]],
		]);
	});

	it.each([
		[{ exchanges: 'each' }, ['']],
		[{ exchanges: 'none', aliases: {} }, ['']],
		[{ exchanges: 'none', aliases: { values: [{ from: 'a', to: 'b' }] } }, ['']],
		[{ exchanges: 'none', aliases }, ['Requests']],
		[{ exchanges: 'each', aliases }, ['Exchanges', 'Requests']],
	])('with %j the node has the outputs %j', (parameters, names) => {
		const found = runInNewContext(outputs.slice(3, -2), { $parameter: parameters }) as Array<{
			displayName: string;
		}>;
		expect([...found].map(({ displayName }) => displayName)).toEqual(names);
	});

	it('gets an answer that comes a moment after the end of the run, as it can in queue mode', async () => {
		const { sent } = await answerOf([{ output: 'late' }]);
		const { status } = await askOwnPort(({ response, done }) => {
			done.resolve(runThat('success'));
			setTimeout(() => response.resolve(sent[0] ?? {}), 20);
		});
		expect(status).toBe(200);
	});

	it('gets the answer of a run that waits in between', async () => {
		const { sent } = await answerOf([{ output: 'later' }]);
		const { status } = await askOwnPort(({ response, done }) => {
			done.resolve(runThat('waiting'));
			setTimeout(() => response.resolve(sent[0] ?? {}), 1_200);
		});
		expect(status).toBe(200);
	});

	it.each([
		[
			'fails, with its node and without its error',
			({ response, done }: Started) => {
				response.resolve({});
				done.resolve(runThat('error', 'Search', new Error('secret 123')));
			},
			/^The workflow failed at its node "Search" \(.*\)\. Its owner finds the execution in n8n under Executions\.$/,
		],
		[
			'fails in a worker of queue mode',
			({ response, done }: Started) => {
				response.resolve({ body: { message: 'Workflow execution failed' }, headers: {}, statusCode: 500 });
				done.resolve(runThat('error', 'Search', new Error('secret 123')));
			},
			/failed at its node "Search"/,
		],
		[
			'is cancelled',
			({ response, done }: Started) => {
				response.reject(new Error('cancelled'));
				done.reject(new Error('cancelled'));
			},
			/^The workflow was stopped before its answer/,
		],
		[
			'ends without an answer',
			({ response, done }: Started) => {
				response.resolve({});
				done.resolve(runThat('success', 'Last'));
			},
			/^The workflow ended without an answer .* Answer Request\.$/,
		],
	])('is a 502 when the workflow %s', async (_, work, message) => {
		const { status, answer } = await askOwnPort(work);
		expect([status, answer.error.code]).toEqual([502, 'workflow_failed']);
		expect(answer.error.message).toMatch(message);
		expect(JSON.stringify(answer)).not.toContain('secret');
	});

	it('is a 504 when the workflow takes longer than its limit', async () => {
		const { status, answer } = await askOwnPort(() => undefined, { workflowSeconds: 1 });
		expect([status, answer.error.code]).toEqual([504, 'workflow_timeout']);
	});
});

describe('at the webhook URL', () => {
	async function callWebhook(context: (request: object) => ITriggerFunctions & IWebhookFunctions) {
		const server = createServer((request, response) => {
			void node.webhook.call(
				context({
					getRequestObject: () => request,
					getResponseObject: () => response,
					getBodyData: () => question,
				}),
			);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const address = server.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		try {
			return await post(`http://127.0.0.1:${port}/webhook/v1`, question);
		} finally {
			server.close();
		}
	}

	it('the workflow answers where its trigger runs', async () => {
		const { sent } = await answerOf([{ output: 'here' }]);
		const work = ({ response }: Started) => response.resolve(sent[0] ?? {});
		const trigger = await node.trigger.call(gatewayContext('here', {}, work).context);
		const { status, answer } = await callWebhook(
			(more) => gatewayContext('here', {}, work, { ...more }).context,
		);
		expect([status, answer.choices[0].message.content]).toEqual([200, 'here']);
		await trigger.closeFunction?.();
	});

	it('a process without its trigger says so, and what to do', async () => {
		const { status, answer } = await callWebhook(
			(more) => gatewayContext('elsewhere', {}, () => undefined, { ...more }).context,
		);
		expect([status, answer.error.code]).toEqual([503, 'workflow_unavailable']);
		expect(answer.error.message).toContain('"Serve At"');
	});
});

describe('Answer Request', () => {
	const textOf = (sent: IExecuteResponsePromiseData[]) =>
		sent.map(
			(response) => (response as { body: { gatewayAnswer: { text: string } } }).body.gatewayAnswer.text,
		);

	it('sends the answers of several items as one, once', async () => {
		const { sent, output } = await answerOf([{ output: 'one' }, { output: 'two' }]);
		expect(textOf(sent)).toEqual(['one\n\ntwo']);
		expect(output[0]).toHaveLength(2);
	});

	it('sends what could be sent where it is set to go on, and nothing where there is no answer', async () => {
		expect(textOf((await answerOf([{}, { output: 'two' }], { continueOnFail: true })).sent)).toEqual(['two']);
		expect((await answerOf([{}], { continueOnFail: true })).sent).toEqual([]);
		await expect(answerOf([{}])).rejects.toThrow('"Answer Field" is missing');
	});

	it('takes what Send Message gives, unless another field was entered', async () => {
		expect(textOf((await answerOf([{ text: 'written' }])).sent)).toEqual(['written']);
		const other = { parameters: { answerField: 'reply' } };
		await expect(answerOf([{ text: 'written' }], other)).rejects.toThrow('"Answer Field" is missing');
	});

	it('refuses answers without end', async () => {
		const long = 'x'.repeat(600_000);
		await expect(answerOf([{ output: `${long}${long}` }])).rejects.toThrow('at most 1000000');
		await expect(answerOf([{ output: long }, { output: long }])).rejects.toThrow('at most 1000000');
	});

	it('says what is missing where no gateway comes before it', async () => {
		await expect(answerOf([{ output: 'x' }], { before: [] })).rejects.toThrow('output "Requests"');
	});
});
