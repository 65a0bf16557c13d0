// Every operation that writes, against a real Qdrant whose n-th write fails, hangs, or is done and loses its answer. Names begin
// with "cut-"; with QDRANT_URL they stay behind.
import { startQdrant, type RealQdrant } from '../../support/qdrant/program';
import { qdrantStorage } from '../../unit/cuts/qdrantStore';
import { survivesCuts } from '../../unit/cuts/suite';

jest.setTimeout(3_600_000);

let started: RealQdrant | undefined;
const storage = qdrantStorage(async () => {
	if (process.env.QDRANT_URL) return process.env.QDRANT_URL;
	started = await startQdrant();
	return started.url;
}, process.env.QDRANT_API_KEY);
beforeAll(storage.start);
afterAll(async () => {
	await storage.stop();
	await started?.stop();
});

survivesCuts('an index on a real Qdrant', () => storage);
