import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { conforms } from './conformance';

// A busy machine takes its time for real files; nothing here asserts how long.
jest.setTimeout(120_000);

let directory: string;
let count = 0;

beforeAll(async () => {
	directory = await mkdtemp(path.join(os.tmpdir(), 'embedded-index-'));
});

afterAll(async () => {
	await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

conforms('embedded', async () => ({ backend: 'embedded', directory, name: `index-${++count}` }));
