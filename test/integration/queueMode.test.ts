// Queue mode, as a house with more than one worker runs n8n: the webhooks arrive at one process, the nodes run in another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startN8n } from '../../host/n8n.cjs';
import { installPack } from '../../host/pack.cjs';
import { N8nClient, owner, publishKnowledgeBase, sharedHost } from '../support/n8n';
import { startRedis, type TestRedis } from '../support/redis';
import { startPostgres, type TestPostgres } from './distillation/postgres';

jest.setTimeout(240_000);

type Process = Awaited<ReturnType<typeof startN8n>>;

describe('queue mode', () => {
	const home = mkdtempSync(path.join(tmpdir(), 'local-engine-queue-'));
	let postgres: TestPostgres | string;
	let redis: TestRedis | string;
	let main: Process | undefined;
	let worker: Process | undefined;

	beforeAll(async () => {
		[postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
		if (typeof postgres === 'string' || typeof redis === 'string') return;
		await installPack(home, (await sharedHost()).tarball);
		const { host = '', port, database = '', user = '', password = '' } = postgres.address;
		const env = {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: host,
			DB_POSTGRESDB_PORT: String(port),
			DB_POSTGRESDB_DATABASE: database,
			DB_POSTGRESDB_USER: user,
			DB_POSTGRESDB_PASSWORD: password,
			N8N_ENCRYPTION_KEY: 'queue-mode-test',
		};
		main = await startN8n({ home, env });
		worker = await startN8n({ home, env, command: 'worker' });
	});

	afterAll(async () => {
		await worker?.stop();
		await main?.stop();
		if (typeof redis !== 'string') await redis?.stop();
		if (typeof postgres !== 'string') await postgres?.stop();
		rmSync(home, { recursive: true, force: true, maxRetries: 5 });
	});

	test('a worker ingests and answers, with the built-in encoder running beside it', async () => {
		if (!main || !worker) {
			console.warn(`Skipped: ${[postgres, redis].filter((part) => typeof part === 'string').join('; ')}`);
			return;
		}
		const client = new N8nClient(main.url);
		await client.signUp(owner);
		const knowledge = await publishKnowledgeBase(client, 'queue');
		const stored = await knowledge.ingest({
			documents: [
				{ source: 'keys.md', text: 'The spare key hangs behind the blue door.' },
				{ source: 'soup.md', text: 'The canteen serves soup on Mondays.' },
			],
		});
		expect(stored.json).toMatchObject({ added: 2, failed: [] });
		const answer = await knowledge.ask({ question: 'Where does the spare key hang?' });
		expect(answer.json).toMatchObject({ found: true, engine: 'built-in' });
		expect(answer.json.citations[0]).toMatchObject({ source: 'keys.md', start: 0 });
		// The work was the worker's: it says so.
		expect(worker.output()).toMatch(/finished execution/i);
	});
});
