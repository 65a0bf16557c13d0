// Every operation that writes, against a Qdrant whose n-th write fails, hangs, or is done and loses its answer.
import { QdrantStandIn } from '../../support/qdrant/server';
import { qdrantStorage } from './qdrantStore';
import { survivesCuts } from './suite';

jest.setTimeout(600_000);

const standIn = new QdrantStandIn();
const storage = qdrantStorage(async () => await standIn.start());
beforeAll(storage.start);
afterAll(async () => {
	await storage.stop();
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

survivesCuts('an index on Qdrant', () => storage);
