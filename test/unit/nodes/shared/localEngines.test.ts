// Engines on this machine serve without an address being typed: from the list of models, and by a credential that looks for them.
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import { LocalEngine } from '../../../../nodes/LocalEngine/LocalEngine.node';
import { searchModels } from '../../../../nodes/shared/lists/searchModels';
import { localEngineApiTest } from '../../../../nodes/shared/runtime/credentialTest';
import { partsOfModel } from '../../../../nodes/shared/runtime/localEngines';
import { startChatEngine, type ChatEngine } from '../../../support/chatEngine';
import { contextOf, type ContextOptions } from '../../../support/nodeContext';

let engine: ChatEngine;
let origin: string;

beforeAll(async () => {
	engine = await startChatEngine(() => 'Hello from this machine');
	origin = new URL(engine.url).origin;
	process.env.LOCAL_ENGINE_ADDRESSES = origin;
});
afterAll(async () => {
	delete process.env.LOCAL_ENGINE_ADDRESSES;
	await engine.close();
});

const sendMessage = { resource: 'chat', operation: 'message', message: 'Hello', responseFormat: 'text' };
const run = async (parameters: object, options: ContextOptions = {}): Promise<INodeExecutionData[]> => {
	const context = contextOf({ ...options, parameters: { ...sendMessage, ...parameters } });
	const [items = []] = await new LocalEngine().execute.call(context);
	return items;
};

it('without a credential the list of models offers what runs here, and a model chosen from it is used', async () => {
	const context = contextOf({}) as unknown as ILoadOptionsFunctions;
	const { results } = await searchModels.call(context);
	expect(results).toEqual([
		{
			name: `scripted (OpenAI-compatible engine, ${new URL(origin).host})`,
			value: `scripted@${origin}`,
		},
	]);
	expect((await searchModels.call(context, 'another')).results).toEqual([]);
	const [item] = await run({ model: { __rl: true, mode: 'list', value: results[0]?.value } });
	expect(item?.json.text).toBe('Hello from this machine');
	expect(engine.asked.at(-1)).toMatchObject({ model: 'scripted' });
});

it('a credential that looks for engines on this machine uses the one it finds', async () => {
	const credential = { dialect: 'find', baseUrl: '', chatModel: 'scripted', headers: {}, furtherEngines: {} };
	const [item] = await run(
		{},
		{
			credentials: () => credential,
			node: { credentials: { localEngineApi: { id: '1', name: 'This machine' } } },
		},
	);
	expect(item?.json.text).toBe('Hello from this machine');
});

it('Find Local Engines gives an item for each engine', async () => {
	const items = await run({ resource: 'engine', operation: 'find' });
	expect(items.map(({ json }) => json)).toEqual([
		expect.objectContaining({
			...{ program: 'OpenAI-compatible engine', baseUrl: origin, models: ['scripted'], needsKey: false },
		}),
	]);
});

it('Find Local Engines says where it looked when nothing is there', async () => {
	process.env.LOCAL_ENGINE_ADDRESSES = 'http://127.0.0.1:9';
	try {
		await expect(run({ resource: 'engine', operation: 'find' })).rejects.toThrow(
			'No engine was found on this machine (asked: 127.0.0.1:9)',
		);
	} finally {
		process.env.LOCAL_ENGINE_ADDRESSES = origin;
	}
});

it.each([
	['qwen3:8b', { model: 'qwen3:8b' }],
	['qwen3:8b@http://127.0.0.1:11434', { model: 'qwen3:8b', baseUrl: 'http://127.0.0.1:11434' }],
	['team@home/model', { model: 'team@home/model' }],
	['@http://127.0.0.1', { model: '@http://127.0.0.1' }],
	['model@http://', { model: 'model@http://' }],
])('the model "%s" is taken apart', (value, parts) => {
	expect(partsOfModel(value)).toEqual(parts);
});

describe('the test of a credential', () => {
	/** n8n's request helper with its egress filter off, or one that refuses everything. */
	const testOf = async (data: object, refused = false) => {
		const asked: string[] = [];
		const request = async ({ uri }: { uri: string }) => {
			asked.push(uri);
			if (refused) throw Object.assign(new Error('blocked'), { name: 'SsrfBlockedIpError' });
		};
		const context = { helpers: { request } } as unknown as ICredentialTestFunctions;
		const credential = {
			data: { headers: {}, furtherEngines: {}, ...data },
		} as unknown as ICredentialsDecrypted;
		return { result: await localEngineApiTest.call(context, credential), asked };
	};

	it('names what it finds on this machine', async () => {
		const { result, asked } = await testOf({ dialect: 'find', baseUrl: '' });
		expect(result).toEqual({ status: 'OK', message: 'Found. OpenAI-compatible engine: scripted' });
		expect(asked).toEqual([origin]);
	});

	it('finds nothing that n8n does not allow to ask', async () => {
		const before = engine.requests();
		const { result } = await testOf({ dialect: 'find', baseUrl: '' }, true);
		expect(result.status).toBe('Error');
		expect(result.message).toContain('No engine was found on this machine');
		expect(engine.requests()).toBe(before);
	});

	it('offers the engine that answers when the address is wrong', async () => {
		const { result } = await testOf({ dialect: 'auto', baseUrl: 'http://127.0.0.1:9' });
		expect(result.status).toBe('Error');
		expect(result.message).toContain(`Found on this machine: OpenAI-compatible engine at ${origin}.`);
	});

	const engineAt = (more: object) => testOf({ dialect: 'auto', baseUrl: origin, ...more });

	it('tries the models that are named, and says which field is wrong', async () => {
		const asked = engine.requests();
		expect((await engineAt({ chatModel: 'scripted' })).result).toMatchObject({
			status: 'OK',
			message: 'Connected. OpenAI-compatible engine: scripted',
		});
		expect(engine.asked.at(-1)?.messages).toEqual([{ role: 'user', content: 'Hi' }]);
		expect(engine.requests()).toBeGreaterThan(asked);
		const { result } = await engineAt({ chatModel: 'scriptet' });
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^Chat Model: .* does not have "scriptet"\. Similar names: scripted\./),
		});
		const embedding = await engineAt({ embeddingModel: 'scripted' });
		expect(embedding.result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^Embedding Model: /),
		});
	});

	it('refuses a base URL that ends in a route, and two engines of one name', async () => {
		const { result } = await engineAt({ baseUrl: `${origin}/v1/chat/completions` });
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringContaining(
				`Base URL: it ends in /chat/completions, which is one of the engine's routes. Enter ${origin}/v1.`,
			),
		});
		const twice = {
			engineName: 'a',
			furtherEngines: { engines: [{ dialect: 'auto', baseUrl: origin, engineName: 'a' }] },
		};
		expect((await engineAt(twice)).result).toEqual({
			status: 'Error',
			message: 'Two engines are called "a". Give them different names.',
		});
	});
});
