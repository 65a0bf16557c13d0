/**
 * The accurate built-in tier against the same model (f16) on the llama.cpp server, one core each, in turns: chunks a second, time
 * to the first vector, memory, and how long the event loop of the calling process is held. Speed is chunks per CPU second of the two
 * processes where the system tells (Linux), so that what else runs on the machine does not count; elsewhere per second. The peer needs MINILM_GGUF (a GGUF
 * file of all-MiniLM-L6-v2) and a Python with xllamacpp (LLAMA_PYTHON).
 */
import { readFileSync } from 'node:fs';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { moduleOf } from './lib/modules.mjs';
import { ownText } from './lib/ownText.mjs';

const CHUNK = 400;
const EVENT_LOOP_MS = 50;
/** Texts a request, of which llama.cpp makes one batch. */
const PEER_BATCH = 16;

export async function run({ quick, emit }) {
	const { builtinEmbedder, endBuiltinEncoder, builtinEncoderPids } = moduleOf('embedding');
	const base = ownText().slice(0, 120_000);
	const chunks = [];
	// Each chunk is its own text: the encoder remembers vectors it has computed.
	for (let start = 0; start + CHUNK <= base.length; start += 350)
		chunks.push(base.slice(start, start + CHUNK));
	const embedder = builtinEmbedder({ tier: 'english' });
	const server = await startPeer();
	const emitRow = (row) => emit({ bench: 'builtin-encoder', ...row });
	const most = { cpu: 0, wall: 0 };
	try {
		const started = performance.now();
		await embedder.embedQuery('first use');
		emitRow({ case: 'first vector after a cold start', unit: 'ms', ours: performance.now() - started });

		const rounds = quick ? 4 : 12;
		const perRound = Math.floor(chunks.length / (rounds + 1));
		const batch = (round) => chunks.slice(round * perRound, (round + 1) * perRound);
		const seconds = { ours: [], peer: [] };
		// Round 0 warms up both: V8 compiles the WebAssembly code a second time, with optimisation.
		for (let round = 0; round <= rounds; round++) {
			const turns = watchTurns();
			const ours = await spent(
				async () => {
					for await (const { vector } of embedder.embedDocuments(batch(round)))
						if (vector.length !== 384) throw new Error('the accurate tier has 384 dimensions');
				},
				builtinEncoderPids()[0],
				process.pid,
			);
			const held = turns.stop();
			if (round > 0) {
				seconds.ours.push(ours);
				most.cpu = Math.max(most.cpu, held.cpu);
				most.wall = Math.max(most.wall, held.wall);
			}
			if (server) {
				const peer = await spent(() => askPeer(server.url, batch(round)), server.pid);
				if (round > 0) seconds.peer.push(peer);
			}
		}
		const rate = (list) => (perRound * list.length) / list.reduce((a, b) => a + b, 0);
		const ours = rate(seconds.ours);
		const peer = server && rate(seconds.peer);
		emitRow({
			case: `chunks of ${CHUNK} characters, one core`,
			unit: cpuSecondsOf(process.pid) === undefined ? 'chunks/s' : 'chunks per CPU second',
			ours,
			...(server && {
				peer,
				peerName: 'MiniLM f16 on the llama.cpp server, one thread',
				ratio: ours / peer,
				goal: 1,
			}),
		});
		emitRow({
			case: 'event loop held at most, CPU time of this process',
			unit: 'ms',
			ours: most.cpu,
			peer: EVENT_LOOP_MS,
			peerName: 'limit',
			ratio: EVENT_LOOP_MS / most.cpu,
			goal: 1,
		});
		emitRow({ case: 'event loop held at most, other programs included', unit: 'ms', ours: most.wall });
		const memory = residentMegabytes(builtinEncoderPids()[0]);
		if (memory !== undefined)
			emitRow({ case: 'memory of the encoder process (RSS)', unit: 'MB', ours: memory });
		const similarity = await compareVectors(embedder, server, chunks.slice(0, 50));
		if (similarity !== undefined)
			emitRow({ case: 'mean cosine with the peer', unit: 'cosine', ours: similarity });
	} finally {
		endBuiltinEncoder();
		await server?.close();
	}
}

/** CPU seconds that processes take for some work; where they are not known, seconds. */
async function spent(work, ...pids) {
	const before = pids.map(cpuSecondsOf);
	const started = performance.now();
	await work();
	const wall = (performance.now() - started) / 1000;
	const after = pids.map(cpuSecondsOf);
	return before.includes(undefined) ? wall : after.reduce((sum, cpu, i) => sum + cpu - before[i], 0);
}

/** User and system time of a process in seconds, on Linux (proc_pid_stat(5): fields 14 and 15, in hundredths). */
function cpuSecondsOf(pid) {
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
			.replace(/^.*\) /, '')
			.split(' ');
		return (Number(fields[11]) + Number(fields[12])) / 100;
	} catch {
		return undefined;
	}
}

/** The longest time between two turns of the event loop (timers of 1 ms), in milliseconds: by the clock, and of CPU. */
function watchTurns() {
	const most = { cpu: 0, wall: 0 };
	let wall = performance.now();
	let cpu = process.cpuUsage();
	const timer = setInterval(() => {
		const { user, system } = process.cpuUsage(cpu);
		most.cpu = Math.max(most.cpu, (user + system) / 1000);
		most.wall = Math.max(most.wall, performance.now() - wall);
		wall = performance.now();
		cpu = process.cpuUsage();
	}, 1);
	return {
		stop: () => {
			clearInterval(timer);
			return most;
		},
	};
}

async function startPeer() {
	const model = process.env.MINILM_GGUF;
	if (!model) {
		console.log(
			'skipped: MiniLM on the llama.cpp server (set MINILM_GGUF to a GGUF file of all-MiniLM-L6-v2)',
		);
		return undefined;
	}
	const server = await startLlamaServer({
		model,
		arguments: ['--embedding', '--pooling', 'mean', '--threads', '1'],
	});
	if (!server)
		console.log('skipped: MiniLM on the llama.cpp server (no Python with the xllamacpp package found)');
	return server;
}

async function askPeer(url, texts) {
	const vectors = [];
	for (let start = 0; start < texts.length; start += PEER_BATCH) {
		const response = await fetch(`${url}/v1/embeddings`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ input: texts.slice(start, start + PEER_BATCH) }),
		});
		if (!response.ok)
			throw new Error(`the llama.cpp server answered ${response.status}: ${await response.text()}`);
		vectors.push(...(await response.json()).data.map(({ embedding }) => embedding));
	}
	return vectors;
}

async function compareVectors(embedder, server, texts) {
	if (!server) return undefined;
	const peers = await askPeer(server.url, texts);
	let sum = 0;
	let row = 0;
	for await (const { vector } of embedder.embedDocuments(texts)) {
		const peer = peers[row++];
		sum += vector.reduce((dot, value, k) => dot + value * peer[k], 0) / Math.hypot(...peer);
	}
	return sum / texts.length;
}

/** Resident memory of a process, on Linux. */
function residentMegabytes(pid) {
	try {
		const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
		return kilobytes === undefined ? undefined : Number(kilobytes) / 1000;
	} catch {
		return undefined;
	}
}
