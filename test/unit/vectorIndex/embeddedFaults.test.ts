import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type * as Index from '../../../lib/vectorIndex';
import { loadingFailed } from '../../../lib/vectorIndex/embedded/lance';
import { QdrantStandIn } from '../../support/qdrant/server';

// A busy machine takes its time for real files; nothing here asserts how long.
jest.setTimeout(120_000);

const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const entryPoint = path.join(__dirname, '../../../lib/vectorIndex/index.ts');

describe('the embedded back end where something is missing', () => {
	let directory: string;
	beforeEach(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'faulty-index-'));
		jest.resetModules();
	});
	afterEach(async () => {
		jest.dontMock('@lancedb/lancedb');
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});
	const load = (): typeof Index => jest.requireActual<typeof Index>('../../../lib/vectorIndex');

	it('says in words that LanceDB could not be loaded and why, and Qdrant works all the same', async () => {
		jest.doMock('@lancedb/lancedb', () => {
			throw new Error('Cannot find native binding');
		});
		const { createIndex } = load();
		const error: unknown = await createIndex({ backend: 'embedded', directory, name: 'a' }, settings).catch(
			(thrown: unknown) => thrown,
		);
		expect(error).toMatchObject({
			kind: 'backend',
			message: expect.stringContaining('could not be loaded: Cannot find native binding') as string,
		});
		const standIn = new QdrantStandIn();
		try {
			expect(
				await (
					await createIndex({ backend: 'qdrant', url: await standIn.start(), name: 'a' }, settings)
				).count(),
			).toBe(0);
		} finally {
			await standIn.stop();
		}
	});

	it.each([
		['linux-ppc64', 'unsupported', 'has no binary for linux-ppc64. Use a Qdrant server instead.'],
		['linux-x64', 'backend', 'could not be loaded: broken file'],
	])('on %s a failed load is of the kind %s', (platform, kind, words) => {
		expect(loadingFailed(new Error('broken file'), platform)).toMatchObject({
			kind,
			message: expect.stringContaining(words) as string,
		});
	});

	it('says that the folder cannot be used', async () => {
		const file = path.join(directory, 'file');
		await writeFile(file, '');
		const { createIndex } = load();
		await expect(
			createIndex({ backend: 'embedded', directory: file, name: 'a' }, settings),
		).rejects.toMatchObject({ kind: 'storage' });
		await expect(
			createIndex({ backend: 'embedded', directory: path.join(file, 'sub'), name: 'a' }, settings),
		).rejects.toMatchObject({ kind: 'storage' });
		await expect(
			createIndex({ backend: 'embedded', directory: '', name: 'a' }, settings),
		).rejects.toMatchObject({ kind: 'invalidSettings' });
	});

	it('notices that its folder was removed, and begins anew in the same place', async () => {
		const { createIndex, listIndexes } = load();
		const address = { backend: 'embedded', directory, name: 'gone' } as const;
		const index = await createIndex(address, settings);
		await index.upsert([{ source: 's', text: 'here' }]);
		await rm(directory, { recursive: true });
		await expect(index.search({ mode: 'keyword', text: 'here', limit: 1 })).rejects.toMatchObject({
			kind: 'notFound',
		});
		expect(await listIndexes(address)).toEqual([]);
		const again = await createIndex(address, settings);
		await again.upsert([{ source: 's', text: 'again' }]);
		expect(await again.search({ mode: 'keyword', text: 'again', limit: 1 })).toHaveLength(1);
	});

	it('passes the options of an object store on, and shows none of their secrets when it refuses', async () => {
		const asked: string[] = [];
		const store = createServer((request, response) => {
			asked.push(`${request.url} ${request.headers.authorization}`);
			// Some stores repeat what they were sent.
			response
				.writeHead(403)
				.end('<Error><Code>AccessDenied</Code><Message>very-secret-value</Message></Error>');
		});
		await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
		const { port } = store.address() as AddressInfo;
		const storageOptions = {
			...{ aws_access_key_id: 'AKIAEXAMPLE', aws_secret_access_key: 'very-secret-value' },
			...{ aws_endpoint: `http://127.0.0.1:${port}`, aws_region: 'us-east-1', allow_http: 'true' },
		};
		try {
			const { createIndex } = load();
			const address = {
				backend: 'embedded',
				directory: 's3://bucket/indexes',
				storageOptions,
				name: 'a',
			} as const;
			const error: unknown = await createIndex(address, settings).catch((thrown: unknown) => thrown);
			expect(error).toMatchObject({
				kind: 'storage',
				message: expect.stringMatching(/refused it; check free space and permissions.*\*\*\*/) as string,
			});
			expect(String(error)).not.toContain('very-secret-value');
			expect(asked[0]).toMatch(/^\/bucket\?.*indexes.* AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/.*us-east-1/);
		} finally {
			store.closeAllConnections();
			store.close();
		}
	});

	it('gives LanceDB more threads than can wait for each other, however few cores there are', async () => {
		const script = `require(${JSON.stringify(entryPoint)}).listIndexes({ backend: 'embedded', directory: ${JSON.stringify(directory)} })
			.then(() => console.log(process.env.LANCE_FTS_NUM_SHARDS, Number(process.env.LANCE_CPU_THREADS)));`;
		const run = async (env: NodeJS.ProcessEnv): Promise<string> =>
			(
				await promisify(execFile)(
					process.execPath,
					['-r', path.join(__dirname, '../../support/typescript.cjs'), '-e', script],
					{ env },
				)
			).stdout;
		const [shards, threads] = (await run({ PATH: process.env.PATH })).split(' ').map(Number);
		expect(shards).toBe(1);
		expect(threads).toBeGreaterThan(2);
		// What the operator has set counts.
		expect(await run({ PATH: process.env.PATH, LANCE_FTS_NUM_SHARDS: '2', LANCE_CPU_THREADS: '9' })).toBe(
			'2 9\n',
		);
	});

	it('loads nothing heavy before it is used', async () => {
		const script = `require(${JSON.stringify(entryPoint)}); console.log(Object.keys(require.cache).filter((file) => file.includes('node_modules')).join());`;
		const { stdout } = await promisify(execFile)(process.execPath, [
			'-r',
			path.join(__dirname, '../../support/typescript.cjs'),
			'-e',
			script,
		]);
		expect(stdout).not.toMatch(/lancedb|apache-arrow|qdrant|hyparquet/);
	});
});
