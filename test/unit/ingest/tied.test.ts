import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QdrantStandIn } from '../../support/qdrant/server';
import { staysTied } from './tied';

jest.setTimeout(120_000);

const standIn = new QdrantStandIn();
let directory = '';
let url = '';
let names = 0;

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'tied-'));
	url = await standIn.start();
});
afterAll(async () => {
	await standIn.stop();
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	expect(standIn.violations).toEqual([]);
});

staysTied('an index in embedded', () => ({ backend: 'embedded', directory, name: `tied-${++names}` }));
staysTied('an index in qdrant', () => ({ backend: 'qdrant', url, name: `tied-${++names}` }));
