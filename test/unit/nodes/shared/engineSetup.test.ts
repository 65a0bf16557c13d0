import { EnginePool } from '../../../../lib/engine';
import { type LocalEngineCredential, enginesFor, setupOf } from '../../../../nodes/shared/runtime/engines';
import { contextOf } from '../../../support/nodeContext';
import { says, workbench } from '../../engine/support/replies';

const { engine, closeAll } = workbench();
afterEach(closeAll);

const credential = (more: object): LocalEngineCredential => ({
	dialect: 'ollama',
	baseUrl: 'http://127.0.0.1:11434',
	...more,
});
const header = (name: string, value: string) => ({ values: [{ name, value }] });

describe('the engines of a credential', () => {
	it('may be two models of one address, or two paths behind one proxy: each has a name of its own', () => {
		const { addresses } = setupOf(
			credential({
				chatModel: 'qwen3:8b',
				furtherEngines: {
					engines: [
						credential({ chatModel: 'llama3.2' }),
						credential({ baseUrl: 'http://proxy:8080/a/v1' }),
						credential({ baseUrl: 'http://proxy:8080/b/v1' }),
						credential({ engineName: 'gpu-box' }),
					],
				},
			}),
		);
		const names = ['127.0.0.1:11434', '127.0.0.1:11434 (2)', 'proxy:8080/a', 'proxy:8080/b', 'gpu-box'];
		expect(addresses.map(({ name }) => name)).toEqual(names);
		expect(new EnginePool(addresses).engines).toEqual(names);
	});

	it('cannot have the same name twice', () => {
		const twice = credential({
			engineName: 'a',
			furtherEngines: { engines: [credential({ engineName: 'a' })] },
		});
		expect(() => setupOf(twice)).toThrow('Two engines are called "a". Give them different names.');
	});

	it('get the headers that were entered for each', () => {
		const { addresses } = setupOf(
			credential({
				headers: header('x-proxy', 'one'),
				furtherEngines: { engines: [credential({ headers: header('x-proxy', 'two') }), credential({})] },
			}),
		);
		expect(addresses.map(({ headers }) => headers)).toEqual([{ 'x-proxy': 'one' }, { 'x-proxy': 'two' }, {}]);
	});

	it('stand in for one another only by the lists of the credential', () => {
		const values = [
			{ alias: ' assistant ', models: 'qwen3:8b, Qwen/Qwen3-8B ,' },
			{ alias: '', models: 'x' },
			{ alias: 'empty', models: ' ' },
		];
		expect(setupOf(credential({ modelAliases: { values } })).fallbacks).toEqual({
			assistant: ['qwen3:8b', 'Qwen/Qwen3-8B'],
		});
	});
});

it('however many credentials come after it, a call that is under way goes on', async () => {
	let release = (): void => undefined;
	const held = new Promise<void>((resolve) => (release = resolve));
	const { url, requests } = await engine(async () => {
		await held;
		return says('at last');
	});
	const poolWith = async (more: object): Promise<EnginePool> =>
		await enginesFor(
			contextOf({
				credentials: () => credential({ dialect: 'openai', baseUrl: url, ...more }),
				node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
			}),
		);
	const first = await poolWith({ chatModel: 'scripted' });
	const answer = first.complete({ messages: [{ role: 'user', content: 'Hello' }] });
	while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	for (let i = 0; i < 70; i++) await poolWith({ chatModel: `model ${i}` });
	release();
	expect((await answer).text).toBe('at last');
	// It was forgotten meanwhile, not closed.
	expect(await poolWith({ chatModel: 'scripted' })).not.toBe(first);
});
