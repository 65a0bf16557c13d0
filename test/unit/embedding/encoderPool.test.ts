import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { englishEncoder, framed } from '../../../lib/embedding/encoderModel';
import { EncoderPool, type EncoderPoolOptions } from '../../../lib/embedding/encoder/pool';
import { tokenize } from '../../../lib/embedding';

const modelFile = path.join(__dirname, '../../../models/minilm-int8/model.onnx');
const modelHash = '91d431b06c5898edaf337183b2b883f1da674bc273353a7725e76e552c2c40eb';

const fragile = path.join(__dirname, '../../fixtures/encoder/fragile.cjs');

const pools: EncoderPool[] = [];
function pool(options: Partial<EncoderPoolOptions> = {}): EncoderPool {
	const made = new EncoderPool({
		model: 'minilm-int8',
		modelFile,
		modelHash,
		findNative: () => undefined,
		...options,
	});
	pools.push(made);
	return made;
}
afterEach(() => pools.splice(0).forEach((made) => made.close()));

const text = (i: number): Int32Array =>
	framed(englishEncoder.frame.document, tokenize(`text number ${i} about the harbour`).ids);
const isRunning = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};
async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await sleep(10);
}

describe('the encoder pool', () => {
	it('starts no process before the first request and ends it when idle', async () => {
		const encoder = pool({ idleMs: 50 });
		expect(encoder.pids).toEqual([]);
		await encoder.run(text(0), 'sentence');
		const [pid = 0] = encoder.pids;
		expect(isRunning(pid)).toBe(true);
		await until(() => !isRunning(pid));
		expect(encoder.pids).toEqual([]);
		// And starts again when there is work.
		expect(await encoder.run(text(0), 'sentence')).toHaveLength(384);
	}, 120_000);

	it('answers every request, the right one, when its process is killed in the middle', async () => {
		const encoder = pool();
		const expected = await Promise.all([0, 1, 2, 3].map((i) => encoder.run(text(i), 'sentence')));
		const requests = Array.from({ length: 60 }, (_, i) => encoder.run(text(i % 4), 'sentence'));
		await requests[10];
		const [first = 0] = encoder.pids;
		process.kill(first, 'SIGKILL');
		await requests[30];
		expect(encoder.pids).not.toContain(first);
		const answers = await Promise.all(requests);
		answers.forEach((answer, i) => expect(answer).toEqual(expected[i % 4]));
	}, 120_000);

	it('reports a text that kills two processes, and goes on with the others', async () => {
		const encoder = pool({ program: fragile });
		const requests = [1, 2, 666, 3, 4, 666, 5].map((id) =>
			encoder.run(Int32Array.of(id), 'sentence').then(
				(data) => data[0],
				(error: unknown) => error,
			),
		);
		const killed = expect.objectContaining({
			kind: 'encoderFailed',
			message: expect.stringContaining('SIGKILL'),
		});
		expect(await Promise.all(requests)).toEqual([1, 2, killed, 3, 4, killed, 5]);
	});

	it('replaces a process that hangs', async () => {
		const encoder = pool({ program: fragile, silentMs: 3000 });
		await encoder.run(text(0), 'sentence');
		const [pid = 0] = encoder.pids;
		process.kill(pid, 'SIGSTOP');
		expect(await encoder.run(Int32Array.of(7), 'sentence')).toEqual(Float32Array.of(7));
		expect(encoder.pids).not.toContain(pid);
	}, 120_000);

	it('refuses more requests than may wait, and serves those it took', async () => {
		const encoder = pool({ maxWaiting: 5 });
		const taken = Array.from({ length: 7 }, (_, i) => encoder.run(text(i), 'sentence'));
		await expect(encoder.run(text(9), 'sentence')).rejects.toMatchObject({ kind: 'overloaded' });
		expect(await Promise.all(taken)).toHaveLength(7);
	}, 120_000);

	it('lets go of cancelled requests at once, waiting or under way', async () => {
		const encoder = pool();
		await encoder.run(text(0), 'sentence');
		const controller = new AbortController();
		const requests = Array.from({ length: 8 }, (_, i) =>
			encoder.run(text(i), 'sentence', controller.signal).catch((e: unknown) => e),
		);
		controller.abort();
		for (const outcome of await Promise.all(requests)) expect(outcome).toMatchObject({ kind: 'cancelled' });
		expect(await encoder.run(text(3), 'sentence')).toHaveLength(384);
		await expect(encoder.run(text(1), 'sentence', controller.signal)).rejects.toMatchObject({
			kind: 'cancelled',
		});
	}, 120_000);

	it('uses as many processes as it is allowed, when there is work for them', async () => {
		const encoder = pool({ processes: 2 });
		await encoder.run(text(0), 'sentence');
		expect(encoder.pids).toHaveLength(1);
		await Promise.all(Array.from({ length: 12 }, (_, i) => encoder.run(text(i), 'sentence')));
		expect(encoder.pids).toHaveLength(2);
	}, 120_000);

	it('gives the state of every token when asked for', async () => {
		const encoder = pool();
		const ids = text(0);
		const states = await encoder.run(ids, 'tokens');
		const sentence = await encoder.run(ids, 'sentence');
		expect(states).toHaveLength(ids.length * 384);
		const mean = Array.from(
			{ length: 384 },
			(_, k) => ids.reduce((sum, _id, t) => sum + (states[t * 384 + k] ?? NaN), 0) / ids.length,
		);
		const length = Math.hypot(...mean);
		expect(Math.max(...mean.map((x, k) => Math.abs(x / length - (sentence[k] ?? NaN))))).toBeLessThan(1e-5);
	}, 120_000);

	it('fails requests under way when it is closed', async () => {
		const encoder = pool();
		const request = encoder.run(text(0), 'sentence');
		encoder.close();
		await expect(request).rejects.toMatchObject({ kind: 'closed' });
	});

	it('reports a request the model cannot take, and serves the next', async () => {
		const encoder = pool();
		await expect(encoder.run(new Int32Array(600).fill(1012), 'sentence')).rejects.toMatchObject({
			kind: 'encoderFailed',
		});
		expect(await encoder.run(text(0), 'sentence')).toHaveLength(384);
	}, 120_000);

	describe('on a host with a native runtime', () => {
		const fixture = (name: string): string => path.join(__dirname, '../../fixtures/encoder', name);
		it.each([
			['does not load', 'not-there.cjs'],
			['computes something else', 'wrong-runtime.cjs'],
		])(
			'falls back to WebAssembly when that %s',
			async (_, name) => {
				const encoder = pool({ findNative: () => ({ kind: 'native', file: fixture(name) }) });
				const [own, expected] = await Promise.all([
					encoder.run(text(0), 'sentence'),
					pool().run(text(0), 'sentence'),
				]);
				expect(own).toEqual(expected);
				// And does not try it again for the next process.
				expect(await encoder.run(text(1), 'sentence')).toHaveLength(384);
			},
			20_000,
		);
	});

	describe('that cannot start', () => {
		const damaged = (change: (file: string) => void): string => {
			const file = path.join(mkdtempSync(path.join(tmpdir(), 'encoder-')), 'model.onnx');
			writeFileSync(file, readFileSync(modelFile));
			change(file);
			return file;
		};
		it.each([
			['is missing', () => '/nowhere/model.onnx', 'ENOENT'],
			['is cut off', () => damaged((file) => truncateSync(file, 5_000_000)), 'damaged'],
			[
				'has a changed byte',
				() => damaged((file) => writeFileSync(file, Buffer.from([1]), { flag: 'r+' })),
				'damaged',
			],
		])('because its model %s says so, for all that wait', async (_, make, words) => {
			const encoder = pool({ modelFile: make() });
			const outcomes = await Promise.all(
				[0, 1, 2].map((i) => encoder.run(text(i), 'sentence').catch((e: unknown) => e)),
			);
			for (const outcome of outcomes) {
				expect(outcome).toMatchObject({ kind: 'modelMissing', message: expect.stringContaining(words) });
			}
			await expect(encoder.run(text(0), 'sentence')).rejects.toMatchObject({ kind: 'modelMissing' });
		});

		it('for want of memory says how much it needs', async () => {
			// Pages of 64 KB: 25 MB, where the model takes 37.
			const encoder = pool({ nodeFlags: ['--wasm-max-mem-pages=400'] });
			await expect(encoder.run(text(0), 'sentence')).rejects.toMatchObject({
				kind: 'encoderFailed',
				message: expect.stringContaining('200 MB'),
			});
		}, 20_000);

		it('does not start processes over and over', async () => {
			const encoder = pool({ nodeFlags: ['--no-such-flag'] });
			await expect(encoder.run(text(0), 'sentence')).rejects.toMatchObject({
				kind: 'encoderFailed',
				message: expect.stringContaining('no-such-flag'),
			});
			const started = performance.now();
			await expect(encoder.run(text(0), 'sentence')).rejects.toMatchObject({ kind: 'encoderFailed' });
			expect(encoder.pids).toEqual([]);
			expect(performance.now() - started).toBeLessThan(1000);
		});
	});
});
