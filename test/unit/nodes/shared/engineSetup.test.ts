import { EnginePool } from '../../../../lib/engine';
import { type LocalEngineCredential, setupOf } from '../../../../nodes/shared/runtime/engines';

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
