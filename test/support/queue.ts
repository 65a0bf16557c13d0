// n8n in queue mode as a house with several workers runs it, on a real Redis and a real Postgres.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startN8n } from '../../host/n8n.cjs';
import { installPack } from '../../host/pack.cjs';
import { startPostgres } from '../integration/distillation/postgres';
import { N8nClient, owner } from './n8n';
import { startRedis } from './redis';

export type QueueProcess = Awaited<ReturnType<typeof startN8n>>;

export interface Queue {
	readonly main: QueueProcess;
	readonly workers: readonly QueueProcess[];
	/** The process that only takes webhooks, when one was asked for. */
	readonly webhook?: QueueProcess;
	/** Signed in at main. */
	readonly client: N8nClient;
	/** N8N_USER_FOLDER of all of them: they share a disk. */
	readonly home: string;
	stop(): Promise<void>;
}

export interface QueueOptions {
	readonly tarball: string;
	readonly workers?: number;
	readonly webhook?: boolean;
	readonly env?: Record<string, string>;
}

/** Starts it, the owner signed up, or resolves to the reason why it cannot be had here (with CI=true that is an error). */
export async function startQueue(options: QueueOptions): Promise<Queue | string> {
	const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const home = mkdtempSync(path.join(tmpdir(), 'local-engine-queue-'));
	const processes: QueueProcess[] = [];
	const stop = async () => {
		// workers first: they finish what they have
		for (const each of processes.reverse()) await each.stop();
		if (typeof redis !== 'string') await redis.stop();
		if (typeof postgres !== 'string') await postgres.stop();
		rmSync(home, { recursive: true, force: true, maxRetries: 5 });
	};
	if (typeof postgres === 'string' || typeof redis === 'string') {
		await stop();
		return [postgres, redis].filter((part) => typeof part === 'string').join('; ');
	}
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
		...options.env,
	};
	const start = async (command: 'start' | 'worker' | 'webhook') => {
		const started = await startN8n({ home, env, command });
		processes.push(started);
		return started;
	};
	try {
		await installPack(home, options.tarball);
		const main = await start('start');
		const webhook = options.webhook ? await start('webhook') : undefined;
		const workers: QueueProcess[] = [];
		while (workers.length < (options.workers ?? 1)) workers.push(await start('worker'));
		const client = new N8nClient(main.url);
		await client.signUp(owner);
		return { main, webhook, workers, client, home, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
