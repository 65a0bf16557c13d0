// What one space has embedded is computed again for another: the time of an answer does not tell what others asked.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { embedderFor } from '../../../../nodes/shared/runtime/embedders';
import { listenLocally } from '../../../support/listen';
import { contextOf } from '../../../support/nodeContext';

let home = '';
const before = process.env.N8N_USER_FOLDER;
beforeAll(() => {
	home = mkdtempSync(path.join(tmpdir(), 'caches-'));
	process.env.N8N_USER_FOLDER = home;
});
afterAll(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(home, { recursive: true, force: true });
});

it('asks the engine again for another space, and once for the same', async () => {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			const { input = [] } =
				request.method === 'POST'
					? (JSON.parse(Buffer.concat(parts).toString()) as { input?: string | string[] })
					: {};
			const texts = [input].flat();
			asked.push(...texts);
			response.setHeader('content-type', 'application/json');
			response.end(
				JSON.stringify({
					object: 'list',
					model: 'm',
					data:
						request.method === 'GET'
							? [{ id: 'm' }]
							: texts.map((_, index) => ({ index, embedding: [1, index] })),
				}),
			);
		});
	});
	const { url, close } = await listenLocally(server);
	const embed = async (space: string | undefined) => {
		const context = contextOf({
			node: {
				credentials: {
					localEngineApi: { id: '1', name: 'engine' },
					...(space !== undefined && { localEngineSpaceApi: { id: '2', name: 'space' } }),
				},
			},
			credentials: (type) =>
				type === 'localEngineSpaceApi'
					? { name: space, secretKey: `the-key-of-space-${space}` }
					: { dialect: 'openai', baseUrl: url, embeddingModel: 'm' },
		});
		await (await embedderFor(context, 'engine', 0)).embedQuery('a secret question');
	};
	const times = () => asked.filter((text) => text.includes('a secret question')).length;
	const seen: number[] = [];
	for (const space of [undefined, undefined, 'hr', 'hr', 'accounting', undefined]) {
		await embed(space);
		seen.push(times());
	}
	await close();
	expect(seen).toEqual([1, 1, 2, 2, 3, 3]);
});
