// Curation and export of 200,000 exchanges (84 MB), near-duplicates, and recording under four processes and SIGKILL.
import { fork } from 'node:child_process';
import { createWriteStream, openSync, closeSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './lib/measure.mjs';
import { randomOf } from './lib/random.mjs';

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));
const dist = process.env.LOCAL_ENGINE_DIST ?? join(here, '..', 'dist');
const lib = require(join(dist, 'lib', 'distillation', 'index.js'));

const random = randomOf(8);
const SYLLABLES = [
	'ka',
	'lo',
	'mi',
	'ren',
	'tu',
	'sa',
	've',
	'no',
	'pi',
	'dar',
	'el',
	'fo',
	'gan',
	'hu',
	'ix',
];
const WORDS = Array.from({ length: 8000 }, (_, number) => {
	let word = '';
	for (let rest = number + 15; rest > 0; rest = Math.floor(rest / 15)) word += SYLLABLES[rest % 15];
	return word;
});
const text = (words) =>
	Array.from({ length: words }, () => WORDS[Math.floor(random() ** 2 * WORDS.length)]).join(' ');

/** A line of an ordinary log: 420 bytes on average. One in fifty repeats an earlier answer with a word changed. */
let earlier = text(38);
function logLine(number) {
	let answer = number % 50 === 49 ? earlier.replace(/ \S+ /, ` word${number} `) : text(38);
	if (number % 50 === 25) earlier = answer;
	if (number % 200 === 7) answer += ` Write to person${number}@mail.org.`;
	return JSON.stringify({
		messages: [
			{ role: 'user', content: `${text(6)}?` },
			{ role: 'assistant', content: answer },
		],
	});
}

async function writeLog(path, rows) {
	const stream = createWriteStream(path);
	for (let number = 0; number < rows; number++) {
		if (!stream.write(`${logLine(number)}\n`)) await new Promise((resolve) => stream.once('drain', resolve));
	}
	await new Promise((resolve, reject) => stream.end((error) => (error ? reject(error) : resolve())));
}

function runChild(task, ...args) {
	return new Promise((resolve, reject) => {
		const child = fork(join(here, 'distillation.child.mjs'), [task, ...args.map(String)], {
			env: { ...process.env, LOCAL_ENGINE_DIST: dist },
		});
		child.once('message', resolve);
		child.once('error', reject);
		child.once('exit', (code) => (code === 0 ? undefined : reject(new Error(`${task} ended with ${code}`))));
	});
}

/** Export of records that are in memory, beside writing their rows with nothing around it. */
async function exportCases(folder, rows, emit) {
	const records = Array.from({ length: rows }, (_, number) => ({
		record: lib.toRecord(JSON.parse(logLine(number))),
		split: 'train',
		group: '0'.repeat(12),
	}));
	const plain = records.map(({ record }) => lib.formatNamed('trl-messages').rows(record)[0]);
	const lineages = records.map(({ record: { id, lineage }, group }) => ({
		id,
		group,
		promptHash: lineage.promptHash,
	}));
	const { ParquetWriter } = await import('hyparquet-writer');
	const { fileWriter } = await import('hyparquet-writer');
	const schema = parquetSchema();
	const exportAs = (container) =>
		lib.exportDataSet(records, {
			format: 'trl-messages',
			name: 'bench',
			folder: join(folder, container),
			allowedFolders: [folder],
			container,
		});
	const openStream = (name) => createWriteStream(join(folder, name), { flush: true });
	const drained = (file) => new Promise((resolve) => file.once('drain', resolve));
	const endStream = (file) =>
		new Promise((resolve, reject) => file.end((error) => (error ? reject(error) : resolve())));
	/** What one would write by hand: the lines by a stream, one write each, on the disk at the end as ours are. */
	const stream = async (rowsOf) => {
		const file = openStream('bare.jsonl');
		for (const row of rowsOf()) {
			if (!file.write(`${JSON.stringify(row)}\n`)) await drained(file);
		}
		await endStream(file);
	};
	/** Byte for byte what the export writes: the rows, and beside them a line of lineage for each. */
	const streamBoth = async () => {
		const [data, beside] = [openStream('bare.jsonl'), openStream('bare-lineage.jsonl')];
		for (const [number, row] of plain.entries()) {
			if (!data.write(`${JSON.stringify(row)}\n`)) await drained(data);
			if (!beside.write(`${JSON.stringify(lineages[number])}\n`)) await drained(beside);
		}
		await Promise.all([endStream(data), endStream(beside)]);
	};
	function* rowsByHand() {
		for (const { record } of records) {
			const turns = record.messages.map(({ role, content }) => ({ role, content }));
			yield { messages: [...turns, { role: 'assistant', content: record.answers[0].content }] };
		}
	}
	const bareParquet = async () => {
		const path = join(folder, 'bare.parquet');
		const writer = new ParquetWriter({ writer: fileWriter(path), schema });
		await writer.write({
			columnData: [
				{ name: 'messages', data: plain.map((row) => row.messages) },
				{ name: 'tools', data: plain.map((row) => row.tools) },
			],
			rowGroupSize: 2000,
		});
		await writer.finish();
		const descriptor = openSync(path, 'r+');
		writeSync(descriptor, '');
		closeSync(descriptor);
	};
	for (const [name, ours, peer, peerName, goal] of [
		[
			'JSONL export',
			() => exportAs('jsonl'),
			streamBoth,
			'the same two files bare: JSON.stringify, stream (ours also hashes, counts tokens, writes card and manifest)',
			1 / 1.2,
		],
		[
			'JSONL export',
			() => exportAs('jsonl'),
			() => stream(rowsByHand),
			'the data file alone by hand: map, JSON.stringify, stream',
			1 / 1.2,
		],
		[
			'JSONL export',
			() => exportAs('jsonl'),
			() => stream(() => plain),
			'the data file alone from rows that are ready: JSON.stringify, stream',
			1 / 1.2,
		],
		['Parquet export', () => exportAs('parquet'), bareParquet, 'hyparquet-writer alone', 1 / 2],
	]) {
		const times = { ours: [], peer: [] };
		// Interleaved, and the first round warms both up. Processor time beside the clock: on shared cores the clock
		// also counts what others do.
		for (let round = 0; round < 6; round++) {
			for (const [who, work] of [
				['ours', ours],
				['peer', peer],
			]) {
				const cpu = process.cpuUsage();
				const started = performance.now();
				await work();
				const clock = (performance.now() - started) / 1000;
				const used = process.cpuUsage(cpu);
				if (round > 0) times[who].push({ clock, processor: (used.user + used.system) / 1e6 });
			}
		}
		for (const kind of ['processor', 'clock']) {
			const own = median(times.ours.map((time) => time[kind]));
			const other = median(times.peer.map((time) => time[kind]));
			emit({
				bench: 'distillation',
				case: name,
				unit: `s of ${kind} time for ${rows} rows`,
				ours: own,
				peer: other,
				peerName,
				ratio: other / own,
				goal,
			});
		}
	}
}

function parquetSchema() {
	const text = (name) => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' });
	const list = (name, ...element) => [
		{ name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
		{ name: 'list', repetition_type: 'REPEATED', num_children: 1 },
		...element,
	];
	const group = (name, count, ...children) => [
		{ name, repetition_type: 'OPTIONAL', num_children: count },
		...children,
	];
	return [
		{ name: 'root', num_children: 2 },
		...list(
			'messages',
			...group(
				'element',
				6,
				text('role'),
				text('content'),
				text('name'),
				text('reasoning_content'),
				...list(
					'tool_calls',
					...group(
						'element',
						3,
						text('id'),
						text('type'),
						...group('function', 2, text('name'), text('arguments')),
					),
				),
				text('tool_call_id'),
			),
		),
		text('tools'),
	];
}

/** Texts a second of processor time, signatures and look-up together; and what is found of planted near-duplicates. */
function duplicateCases(rows, emit) {
	const texts = Array.from({ length: rows }, () => text(58));
	const perSecond = (count, work) => {
		const before = process.cpuUsage();
		work();
		const used = process.cpuUsage(before);
		return count / ((used.user + used.system) / 1e6);
	};
	const ours = [];
	const peers = [];
	const { Minhash, LshIndex } = require('minhash');
	const few = texts.slice(0, Math.min(1000, rows));
	let index;
	for (let round = 0; round < 4; round++) {
		ours.push(
			perSecond(rows, () => {
				index = new lib.NearDuplicateIndex();
				for (const entry of texts) index.add(entry);
			}),
		);
		peers.push(
			perSecond(few.length, () => {
				const lsh = new LshIndex({ bandSize: 8 });
				few.forEach((entry, number) => {
					const hash = new Minhash({ numPerm: 112 });
					const words = entry.split(' ');
					for (let start = 0; start + 5 <= words.length; start++)
						hash.update(words.slice(start, start + 5).join(' '));
					lsh.insert(String(number), hash);
				});
			}),
		);
	}
	const own = median(ours.slice(1));
	const other = median(peers.slice(1));
	emit({
		bench: 'distillation',
		case: 'near-duplicates',
		unit: 'documents/s on one core',
		ours: own,
		peer: 40_000,
		peerName: 'limit',
		ratio: own / 40_000,
		goal: 1,
	});
	emit({
		bench: 'distillation',
		case: 'near-duplicates',
		unit: 'documents/s on one core',
		ours: own,
		peer: other,
		peerName: 'npm minhash (112 hashes, 8 a band)',
		ratio: own / other,
		goal: 5,
	});
	const shingles = (entry) => {
		const words = entry.split(' ');
		return new Set(words.slice(4).map((_, start) => words.slice(start, start + 5).join(' ')));
	};
	const jaccard = (a, b) => {
		const [first, second] = [shingles(a), shingles(b)];
		const both = [...first].filter((shingle) => second.has(shingle)).length;
		return both / (first.size + second.size - both);
	};
	const found = new Map();
	const planted = Math.min(rows, 6000);
	for (let number = 0; number < planted; number++) {
		const words = texts[number].split(' ');
		for (let edit = 0; edit <= number % 6; edit++)
			words[Math.floor(random() * words.length)] = `edit${number}x${edit}`;
		const changed = words.join(' ');
		const similarity = jaccard(texts[number], changed);
		const band =
			similarity >= 0.83
				? '0.83 and more'
				: similarity >= 0.72
					? '0.72–0.83'
					: similarity >= 0.5
						? '0.5–0.72'
						: 'below 0.5';
		const count = found.get(band) ?? { all: 0, hits: 0 };
		count.all++;
		if (index.add(changed).includes(number)) count.hits++;
		found.set(band, count);
	}
	for (const [band, { all, hits }] of [...found].sort().reverse()) {
		const share = hits / all;
		const limit = { '0.83 and more': 0.95 }[band];
		emit({
			bench: 'distillation',
			case: `planted near-duplicates, similarity ${band} (${all})`,
			unit: 'share called near-duplicate',
			ours: share,
			peer: limit ?? null,
			peerName: 'limit',
			ratio: limit === undefined ? null : share / limit,
			goal: limit === undefined ? null : 1,
		});
	}
}

async function pipelineCases(folder, rows, emit) {
	const results = [];
	for (const count of [rows, rows * 2]) {
		const log = join(folder, `log-${count}.jsonl`);
		await writeLog(log, count);
		const { size } = await stat(log);
		const result = await runChild('pipeline', log, folder, 'jsonl');
		await rm(log);
		results.push(result);
		const label = `curate + export, ${count} rows (${Math.round(size / 1e6)} MB, ${result.rows} kept)`;
		const seconds = (60 * count) / 200_000;
		emit({
			bench: 'distillation',
			case: label,
			unit: 's',
			ours: result.seconds,
			peer: seconds,
			peerName: 'limit',
			ratio: seconds / result.seconds,
			goal: 1,
		});
		emit({
			bench: 'distillation',
			case: label,
			unit: 'MB peak memory',
			ours: result.peakMegabytes,
			peer: 600,
			peerName: 'limit',
			ratio: 600 / result.peakMegabytes,
			goal: 1,
		});
		emit({
			bench: 'distillation',
			case: label,
			unit: 'ms longest hold of the event loop',
			ours: result.longestHoldMs,
			peer: 50,
			peerName: 'limit',
			ratio: 50 / result.longestHoldMs,
			goal: 1,
		});
	}
	const growth = results[1].peakMegabytes / results[0].peakMegabytes;
	emit({
		bench: 'distillation',
		case: 'peak memory at twice the rows',
		unit: 'times',
		ours: growth,
		peer: 1.25,
		peerName: 'flat',
		ratio: 1.25 / growth,
		goal: 1,
	});
}

/** Four processes append at once; three run to the end, the fourth is killed in the middle. */
async function recordCases(folder, milliseconds, emit) {
	for (const [label, batch, limit] of [
		['singly', 1, 200],
		['in batches of 100', 100, 2000],
	]) {
		const file = join(folder, `records-${batch}.sqlite`);
		const writers = ['a', 'b', 'c', 'd'].map((name) => {
			const child = fork(
				join(here, 'distillation.child.mjs'),
				['record', file, name, String(batch), String(milliseconds)],
				{ env: { ...process.env, LOCAL_ENGINE_DIST: dist } },
			);
			const acknowledged = [];
			let seconds = 0;
			let ready;
			const started = new Promise((resolve) => (ready = resolve));
			child.on('message', (message) => {
				if (message.ready) ready();
				else {
					acknowledged.push(...message.acknowledged);
					seconds = message.seconds;
				}
			});
			return {
				child,
				acknowledged,
				started,
				ended: new Promise((resolve) => child.once('close', resolve)),
				seconds: () => seconds,
			};
		});
		await Promise.all(writers.map((writer) => writer.started));
		for (const { child } of writers) child.send('go');
		await new Promise((resolve) => setTimeout(resolve, milliseconds * 0.7));
		writers[3].child.kill('SIGKILL');
		await Promise.all(writers.map((writer) => writer.ended));
		const store = await lib.recordStore({ backend: 'sqlite', file });
		const stored = new Set();
		for await (const record of store.scan()) stored.add(record.id);
		await store.close();
		const promised = writers.flatMap((writer) => writer.acknowledged);
		const lost = promised.filter((id) => !stored.has(id)).length;
		const rate = writers.reduce(
			(sum, writer) => sum + writer.acknowledged.length / Math.max(writer.seconds(), 0.001),
			0,
		);
		emit({
			bench: 'distillation',
			case: `recording ${label}, 4 processes, one killed`,
			unit: 'exchanges/s together',
			ours: rate,
			peer: limit,
			peerName: 'limit',
			ratio: rate / limit,
			goal: 1,
		});
		emit({
			bench: 'distillation',
			case: `recording ${label}, 4 processes, one killed`,
			unit: `lost of ${promised.length} acknowledged`,
			ours: lost,
			peer: 0,
			peerName: 'limit',
			ratio: lost === 0 ? 1 : 0,
			goal: 1,
		});
	}
}

export async function run({ quick, emit }) {
	const rows = quick ? 20_000 : 200_000;
	await mkdir(join(here, '.data'), { recursive: true });
	const folder = await mkdtemp(join(here, '.data', 'distillation-'));
	try {
		await recordCases(folder, quick ? 2000 : 6000, emit);
		duplicateCases(quick ? 10_000 : 50_000, emit);
		await exportCases(folder, rows, emit);
		await pipelineCases(folder, rows, emit);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
