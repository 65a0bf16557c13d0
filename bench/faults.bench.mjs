/**
 * Three engines, 1,000 calls, 16 in flight, while engines are killed, hang, answer 503 and cut their streams at random: once
 * collected, once streamed. Every call carries a number that the engine repeats. Collected calls must all come back, whole,
 * exactly once and within their deadline. A streamed one may end with `interrupted` after its first piece (there is no way back
 * then), but it must say so, and what came before must be the beginning of its answer and nothing else. Engines are processes
 * that this script starts and ends.
 */
import { fileURLToPath } from 'node:url';
import { inLanes, quantile, startProcess } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';

const DEADLINE_MS = 20_000;
const LANES = 16;

export async function run({ quick, emit }) {
	for (const how of ['collected', 'streamed']) await faults({ how, quick, emit });
}

async function faults({ how, quick, emit }) {
	const { EnginePool } = moduleOf('engine');
	const calls = quick ? 400 : 1_000;
	const file = fileURLToPath(new URL('lib/faultyEngine.mjs', import.meta.url));
	const engines = await Promise.all([startProcess(file), startProcess(file), startProcess(file)]);
	const pool = new EnginePool(
		engines.map(({ url }, i) => ({
			name: `engine ${i + 1}`,
			dialect: 'openai',
			baseUrl: url,
			maxConcurrency: 16,
		})),
		{
			deadlines: { connectMs: 1_000, firstTokenMs: 1_500, betweenTokensMs: 750, totalMs: DEADLINE_MS },
			rounds: 5,
			breakerPauseMs: 500,
		},
	);
	const seen = new Map();
	const outcomes = {};
	const times = [];
	const failures = [];
	let finished = 0;
	let interrupted = 0;
	// What happens, by how much of the work is done. One engine is whole all the time, but for the moment a killed one takes to come back.
	const script = [
		[0.05, () => engines[0].child.send({ mode: 'cut' })],
		[0.15, () => engines[1].child.send({ mode: 'hang' })],
		[0.3, () => engines[1].child.send({ mode: 'ok' })],
		[0.35, () => engines[1].child.send({ mode: 'busy' })],
		[0.5, () => engines[1].child.send({ mode: 'ok' })],
		[0.5, () => engines[0].child.send({ mode: 'silent' })],
		[0.6, () => engines[2].child.kill('SIGKILL')],
		[0.65, () => engines[0].child.send({ mode: 'cut' })],
		[0.7, async () => (engines[2] = await startProcess(file, [String(engines[2].port)]))],
		[0.85, () => engines[1].child.kill('SIGSTOP')],
		[0.95, () => engines[1].child.kill('SIGCONT')],
	];
	try {
		await inLanes(calls, LANES, async (number) => {
			while (script.length > 0 && finished / calls >= script[0][0]) void script.shift()[1]();
			const started = performance.now();
			const expected = Array.from({ length: 20 }, (_, i) => `${number}.${i} `).join('');
			try {
				const text = await ask[how](pool, number, ({ outcome }) => {
					outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
				});
				if (text !== expected) failures.push(`${number}: another text: ${text.slice(0, 60)}`);
				seen.set(number, (seen.get(number) ?? 0) + 1);
			} catch (error) {
				const begun = error.partial?.text ?? '';
				const told = ['interrupted', 'timeout'].includes(error.kind) && begun !== '';
				if (how === 'streamed' && told && error.received === begun && expected.startsWith(begun)) {
					interrupted++;
					seen.set(number, (seen.get(number) ?? 0) + 1);
				} else failures.push(`${number}: ${error.kind} ${error.message.slice(0, 200)}`);
			}
			times.push(performance.now() - started);
			finished++;
		});
	} finally {
		await pool.close();
		await Promise.all(engines.map((engine) => engine.stop()));
	}
	if (failures.length > 0) console.log(failures.slice(0, 10).join('\n'));
	const lost = calls - seen.size;
	const doubled = [...seen.values()].filter((count) => count > 1).length;
	const late = times.filter((ms) => ms > DEADLINE_MS + 50).length;
	const what = `${calls} ${how} calls, ${LANES} in flight, 3 engines failing (attempts: ${Object.entries(
		outcomes,
	)
		.map(([outcome, count]) => `${outcome} ${count}`)
		.join(', ')})`;
	const limit = (name, value) =>
		emit({
			bench: 'faults',
			case: `${what}: ${name}`,
			unit: 'calls',
			ours: value,
			peer: 0,
			peerName: 'limit',
			ratio: value === 0 ? 1 : 0,
			goal: 1,
		});
	limit('lost', lost);
	limit('wrong or failed', failures.length);
	limit('duplicated', doubled);
	limit('over their deadline', late);
	emit({
		bench: 'faults',
		case: `${how}: slowest call (deadline ${DEADLINE_MS} ms)`,
		unit: 'ms',
		ours: Math.round(Math.max(...times)),
		peer: DEADLINE_MS,
		peerName: 'limit',
		ratio: Math.round((DEADLINE_MS / Math.max(...times)) * 100) / 100,
		goal: 1,
	});
	if (how === 'streamed')
		emit({
			bench: 'faults',
			case: 'streamed: broke off after the first piece, and said so',
			unit: 'calls',
			ours: interrupted,
		});
	emit({ bench: 'faults', case: `${how}: call, p50`, unit: 'ms', ours: Math.round(quantile(times, 0.5)) });
}

const question = (number) => ({ model: 'm', messages: [{ role: 'user', content: `number ${number}` }] });

const ask = {
	collected: async (pool, number, onAttempt) => (await pool.complete(question(number), { onAttempt })).text,
	streamed: async (pool, number, onAttempt) => {
		let text = '';
		let ended = false;
		try {
			for await (const event of pool.chat(question(number), { onAttempt })) {
				if (event.type === 'text') text += event.text;
				if (event.type === 'end') ended = true;
			}
		} catch (error) {
			throw Object.assign(error, { received: text });
		}
		if (!ended) throw new Error('the stream ended without its end');
		return text;
	},
};
