// Move between two Qdrant servers, as the node's fields and credentials say it.
import { createIndex, openIndex } from '../../../../lib/vectorIndex';
import { moveOperation } from '../../../../nodes/VectorIndex/actions/index/move.operation';
import type { ContextOptions } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';
import { QdrantStandIn } from '../../../support/qdrant/server';

const old = new QdrantStandIn();
const next = new QdrantStandIn('the key of the new server');
let oldUrl: string;
let newUrl: string;
beforeAll(async () => {
	oldUrl = await old.start();
	newUrl = await next.start();
});
afterAll(async () => {
	await Promise.all([old.stop(), next.stop()]);
	expect([...old.violations, ...next.violations]).toEqual([]);
});

const move = async (header: { name: string; value: string } | undefined, newServer = newUrl) => {
	const options: ContextOptions = {
		parameters: {
			...{ backend: 'qdrant', index: { __rl: true, mode: 'name', value: 'kb' } },
			...{ direction: 'toServer', newServer },
		},
		items: [{ json: {} }],
		node: { credentials: header && { httpHeaderAuth: { id: '1', name: 'new' } } },
		credentials: (type) => (type === 'qdrantApi' ? { qdrantUrl: oldUrl } : (header ?? {})),
	};
	return (await outputOf(moveOperation, options)).map(({ json }) => json);
};

it('moves an index to another server with the key of a Header Auth credential', async () => {
	const index = await createIndex(
		{ backend: 'qdrant', url: oldUrl, name: 'kb' },
		{ model: 'm', dimensions: 4, fingerprint: 'f' },
	);
	await index.upsert([{ id: 'a', source: 's', text: 'text' }]);
	await expect(move(undefined)).rejects.toThrow(/refused the API key/);
	await expect(move({ name: 'token', value: 'the key of the new server' })).rejects.toThrow(
		/Enter "api-key" as the name/,
	);
	await expect(move({ name: 'api-key', value: 'x' }, '')).rejects.toThrow(/New Server/);
	expect(await move({ name: 'Api-Key', value: 'the key of the new server' })).toMatchObject([
		{
			...{ index: 'kb', storedIn: 'Qdrant', state: 'moved', rows: 1 },
			next: expect.stringMatching(/^Select a Qdrant API credential of the new server/) as string,
		},
	]);
	const moved = { backend: 'qdrant', url: newUrl, apiKey: 'the key of the new server', name: 'kb' } as const;
	expect(await (await openIndex(moved)).count()).toBe(1);
});
