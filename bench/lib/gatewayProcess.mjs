/** The gateway on its own port in a process of its own, so that its CPU time can be told from the load generator's. */
import { moduleOf } from './modules.mjs';

const { EnginePool } = moduleOf('engine');
const { listen } = moduleOf('gateway');

const pool = new EnginePool([{ name: 'scripted', dialect: 'openai', baseUrl: process.argv[2] }]);
const listener = await listen(
	{ engines: pool, keys: [{ name: 'bench', key: process.argv[3] }] },
	{ port: 0 },
);
process.on('message', () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }));
process.send({ port: listener.port });
