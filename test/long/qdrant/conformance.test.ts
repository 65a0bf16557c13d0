// The behaviours of both back ends, on a real Qdrant: one that QDRANT_BIN starts, or the running one at QDRANT_URL (with
// QDRANT_API_KEY), where collections named "suite-…" stay behind.
import { startQdrant, type RealQdrant } from '../../support/qdrant/program';
import { conforms } from '../../unit/vectorIndex/conformance';

jest.setTimeout(600_000);

let started: RealQdrant | undefined;
let url: string;
let count = 0;

beforeAll(async () => {
	if (process.env.QDRANT_URL) url = process.env.QDRANT_URL;
	else {
		started = await startQdrant();
		url = started.url;
	}
});

afterAll(async () => await started?.stop());

conforms('a real Qdrant', async () => ({
	backend: 'qdrant',
	url,
	apiKey: process.env.QDRANT_API_KEY,
	name: `suite-${process.pid}-${Date.now().toString(36)}-${++count}`,
}));
