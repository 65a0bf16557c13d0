/**
 * One small document a second into an embedded index that has 700, 15,000 or 200,000 rows, for ten minutes (`--quick`: one
 * minute, two sizes): the whole folder stays within three times the live data and 50 MB, and the processor time of a document
 * does not grow. About half an hour.
 */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';
import { randomOf } from './lib/random.mjs';

const MB = 1024 * 1024;
const ALLOWED = { times: 3, bytes: 50 * MB };
const DIMENSIONS = 256;
const CHARACTERS = 2_000;

export async function run({ quick, emit }) {
	const seconds = quick ? 60 : 600;
	for (const rows of quick ? [700, 15_000] : [700, 15_000, 200_000]) await churn(rows, seconds, emit);
}

async function churn(rows, seconds, emit) {
	const { createIndex } = moduleOf('vectorIndex');
	const { syncAll } = moduleOf('ingest');
	const directory = await mkdtemp(join(tmpdir(), 'churn-'));
	try {
		const embedder = randomEmbedder();
		const { model, dimensions, id } = await embedder.fingerprint();
		const index = await createIndex(
			{ backend: 'embedded', directory, name: 'churn' },
			{ model, dimensions, fingerprint: id },
		);
		const options = { index, embedder, chunking: { method: 'recursive', size: 1_000 }, mode: 'add' };
		const random = randomOf(7);
		const documents = Math.ceil(rows / 3);
		await syncAll(
			Array.from({ length: documents }, (_, i) => ({ source: `${i}`, text: textOf(random) })),
			options,
		);
		await sleep(4_000);
		const before = await sizeOf(directory);
		const cpu = [];
		let largest = 0;
		const ends = performance.now() + seconds * 1_000;
		for (let i = 0; performance.now() < ends; i++) {
			const next = performance.now() + 1_000;
			const used = process.cpuUsage();
			await syncAll([{ source: `${i % documents}`, text: textOf(random) }], options);
			await sleep(Math.max(0, next - performance.now()));
			const { user, system } = process.cpuUsage(used);
			cpu.push((user + system) / 1_000);
			if (i % 5 === 0) largest = Math.max(largest, await sizeOf(directory));
		}
		const { bytes, rows: now, fragments, unindexedRows } = await index.info();
		const allowed = ALLOWED.times * bytes + ALLOWED.bytes;
		const half = Math.floor(cpu.length / 2);
		emit({
			...{ bench: 'churn', what: 'disk', rows: now, documents: cpu.length, fragments, unindexedRows },
			...{ liveMB: round(bytes / MB), largestMB: round(largest / MB), allowedMB: round(allowed / MB) },
			keptKBPerDocument: round(((await sizeOf(directory)) - before) / 1024 / cpu.length),
			...{ ratio: round(allowed / largest), goal: 1 },
		});
		const [first, second] = [median(cpu.slice(0, half)), median(cpu.slice(half))];
		emit({
			...{ bench: 'churn', what: 'processor time of a document', rows: now },
			...{ firstHalfMs: round(first), secondHalfMs: round(second), ratio: round(first / second), goal: 0.7 },
		});
		await index.close();
		// What is tidied aside ends before its folder goes.
		await sleep(5_000);
	} finally {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
	}
}

/** Vectors cost nothing here: the index is measured. */
function randomEmbedder() {
	const random = randomOf(3);
	const fingerprint = {
		model: 'random',
		dimensions: DIMENSIONS,
		queryPrefix: '',
		documentPrefix: '',
		probes: [],
	};
	const vector = () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
	return {
		async *embedDocuments(texts) {
			for await (const text of texts) yield { vector: vector(), tokens: text.length };
		},
		embedQuery: async () => vector(),
		fingerprint: async () => ({ ...fingerprint, id: 'random' }),
		close: async () => undefined,
	};
}

function textOf(random) {
	let text = '';
	while (text.length < CHARACTERS) text += `word${Math.floor(random() * 20_000)} `;
	return text;
}

async function sizeOf(folder) {
	let bytes = 0;
	for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) bytes += await sizeOf(path);
		else bytes += (await lstat(path).catch(() => ({ size: 0 }))).size;
	}
	return bytes;
}

const round = (value) => Math.round(value * 100) / 100;
