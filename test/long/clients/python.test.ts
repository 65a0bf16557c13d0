// The Python clients against the gateway with real llama.cpp servers behind it: docs/guides/clients.md. What is installed where:
// scripts/lib/clients.mjs.
import { spawn } from 'node:child_process';
import path from 'node:path';
import {
	QUESTION,
	testClient,
	WEATHER,
	type CallResults,
	type ClientCalls,
} from '../../support/clients/conformance';
import { MODELS, startClientGateway, type ClientGateway } from '../../support/clients/gateway';
import { CLIENTS, type Call, type ClientId } from '../../support/clients/table';

jest.setTimeout(120_000);

interface Outcome {
	readonly value?: unknown;
	readonly failed?: string;
}

let gateway: ClientGateway;
beforeAll(async () => {
	gateway = await startClientGateway();
});
afterAll(async () => await gateway.close());

/** Runs a program of all its clients, once; the tests then look at what it printed. */
function program(name: string, ids: readonly ClientId[]): void {
	let results: { readonly [client: string]: { readonly [call: string]: Outcome } };
	describe(`${name}.py`, () => {
		beforeAll(async () => {
			results = JSON.parse(await output(name));
		});
		for (const id of ids) {
			const calls = CLIENTS[id].calls.map((call: Call) => [call, async () => outcomeOf(results[id]?.[call])]);
			testClient(id, () => gateway, Object.fromEntries(calls) as ClientCalls);
		}
	});
}

/** What a call printed, in the shape that the same call of a JavaScript client has. */
function outcomeOf(outcome: Outcome | undefined): CallResults[Call] {
	if (outcome?.failed !== undefined) throw new Error(outcome.failed);
	if (outcome === undefined) throw new Error('the program did not make this call');
	return outcome.value;
}

function output(name: string): Promise<string> {
	const folder = path.join(__dirname, 'python');
	const python = process.env[`LOCAL_ENGINE_PYTHON_${name.toUpperCase()}`] ?? '';
	const child = spawn(python, [path.join(folder, `${name}.py`)], {
		env: {
			...process.env,
			PYTHONDONTWRITEBYTECODE: '1',
			GATEWAY_URL: gateway.url,
			GATEWAY_KEY: gateway.key,
			GATEWAY_TEXT: MODELS.text,
			GATEWAY_TOOLS: MODELS.tools,
			GATEWAY_EMBEDDING: MODELS.embedding,
			GATEWAY_ENDLESS: MODELS.endless,
			GATEWAY_QUESTION: QUESTION,
			GATEWAY_WEATHER: WEATHER,
			// LiteLLM would load its list of prices, LlamaIndex its words.
			LITELLM_LOCAL_MODEL_COST_MAP: 'True',
			DO_NOT_TRACK: '1',
		},
	});
	let written = '';
	let log = '';
	child.stdout.on('data', (part: Buffer) => (written += part.toString()));
	child.stderr.on('data', (part: Buffer) => (log = (log + part.toString()).slice(-4000)));
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => {
			if (code === 0) resolve(written.slice(written.indexOf('{')));
			else reject(new Error(`${name}.py ended with ${code}:\n${log}`));
		});
	});
}

program('sdks', ['openaiPython', 'openaiPythonResponses', 'anthropicPython']);
program('frameworks', ['langchainPython', 'langchainAnthropic', 'llamaIndex', 'instructor', 'litellm']);
