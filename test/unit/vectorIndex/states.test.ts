// What a name can stand for besides a live index: the rest of interrupted calls, another format, things of others.
import { connect } from '@lancedb/lancedb';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIndex } from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';
import { askServer, collectionsOf, hasStates, sharesServer, type SharedServer } from './states';

jest.setTimeout(120_000);

const standIn = new QdrantStandIn();
let url = '';
let directory = '';
let names = 0;

beforeAll(async () => {
	url = await standIn.start();
	directory = await mkdtemp(path.join(os.tmpdir(), 'states-'));
});
afterAll(async () => {
	await standIn.stop();
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const server: SharedServer = {
	newAddress: () => ({ backend: 'qdrant', url, name: `state-${++names}` }),
	ask: async (...request) => await askServer(url, ...request),
};

hasStates(
	'an index in embedded',
	() => ({ backend: 'embedded', directory, name: `state-${++names}` }),
	async ({ name }, format) => {
		const catalog = await (await connect(directory)).openTable('catalog');
		const [row] = (await catalog.query().where(`key = '${name}'`).toArray()) as Array<{ value: string }>;
		const value = row!.value.replace(/"format":\d+/, `"format":${format}`);
		await catalog.update({ where: `key = '${name}'`, values: { value } });
	},
);

hasStates('an index in qdrant', server.newAddress, async ({ name }, format) => {
	const [rows] = await collectionsOf(server, name);
	await server.ask('PATCH', `/collections/${rows}`, { metadata: { format } });
});

sharesServer('a Qdrant server that others use too', () => server);

it('keeps the manifest on as many nodes as the rows', async () => {
	const address = server.newAddress();
	standIn.requests.length = 0;
	await createIndex(address, { model: 'm', dimensions: 4, fingerprint: 'f', layout: { replicas: 2 } });
	const made = standIn.requests.filter(
		({ method, path }) => method === 'PUT' && /^\/collections\/[^/]+$/.test(path),
	);
	expect(made.map(({ body }) => (body as { replication_factor?: number }).replication_factor)).toEqual([
		2, 2,
	]);
});
