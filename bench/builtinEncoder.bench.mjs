/**
 * The built-in encoders, one core each, in turns with a peer: English (MiniLM) with the same model in f16 on the llama.cpp server,
 * Multilingual with the plain script that the model came with. Chunks a second, time to the first vector, memory, and how long the event
 * loop of the calling process is held. Speed is chunks per CPU second of all processes that work where the system tells (Linux), so
 * that what else runs on the machine does not count; elsewhere per second. Where onnxruntime-node is installed, it is what runs.
 */
import { createRequire } from 'node:module';
import { minilmOnLlamaCpp, multilingualByScript } from './lib/encoderPeers.mjs';
import { moduleOf } from './lib/modules.mjs';
import { ownText } from './lib/ownText.mjs';
import { cpuSecondsOf, residentMegabytes, spent, watchTurns } from './lib/processCost.mjs';

const EVENT_LOOP_MS = 50;
const MODELS = [
	{ tier: 'english', characters: 400, peer: minilmOnLlamaCpp, goal: 1 },
	{ tier: 'multilingual', characters: 600, peer: multilingualByScript, goal: 1.3 },
];

export async function run({ quick, emit }) {
	for (const { tier, characters, peer: startPeer, goal } of MODELS) {
		const peer = await startPeer();
		const emitRow = (row) => emit({ bench: 'builtin-encoder', model: tier, runtime: runtime(), ...row });
		try {
			await measure({ tier, characters, peer, goal, rounds: quick ? 4 : 12, emit: emitRow });
		} finally {
			moduleOf('embedding').endBuiltinEncoder();
			await peer?.close();
		}
	}
}

async function measure({ tier, characters, peer, goal, rounds, emit }) {
	const { builtinEmbedder, builtinEncoderPids } = moduleOf('embedding');
	const chunks = chunksOf(characters);
	const embedder = builtinEmbedder({ tier });
	const started = performance.now();
	await embedder.embedQuery('first use');
	emit({ case: 'first vector after a cold start', unit: 'ms', ours: performance.now() - started });

	const perRound = Math.min(40, Math.floor(chunks.length / (rounds + 1)));
	const batch = (round) => chunks.slice(round * perRound, (round + 1) * perRound);
	const seconds = { ours: [], peer: [] };
	const most = { cpu: 0, wall: 0 };
	// Round 0 warms up both: V8 compiles the WebAssembly code a second time, with optimisation.
	for (let round = 0; round <= rounds; round++) {
		const turns = watchTurns();
		const ours = await spent(
			async () => {
				for await (const { vector } of embedder.embedDocuments(batch(round)))
					if (vector.length !== 384) throw new Error(`the model "${tier}" has 384 dimensions`);
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
		if (peer) {
			const theirs = await spent(() => peer.embed(batch(round)), peer.pid);
			if (round > 0) seconds.peer.push(theirs);
		}
	}
	const rate = (list) => (perRound * list.length) / list.reduce((a, b) => a + b, 0);
	const ours = rate(seconds.ours);
	const theirs = peer && rate(seconds.peer);
	emit({
		case: `chunks of ${characters} characters, one core`,
		unit: cpuSecondsOf(process.pid) === undefined ? 'chunks/s' : 'chunks per CPU second',
		ours,
		...(peer && { peer: theirs, peerName: peer.name, ratio: ours / theirs, goal }),
	});
	emit({
		case: 'event loop held at most, CPU time of this process',
		unit: 'ms',
		ours: most.cpu,
		peer: EVENT_LOOP_MS,
		peerName: 'limit',
		ratio: EVENT_LOOP_MS / most.cpu,
		goal: 1,
	});
	emit({ case: 'event loop held at most, other programs included', unit: 'ms', ours: most.wall });
	const memory = residentMegabytes(builtinEncoderPids()[0]);
	if (memory !== undefined) emit({ case: 'memory of the encoder process (RSS)', unit: 'MB', ours: memory });
	if (peer) {
		const similarity = await meanCosine(embedder, peer, chunks.slice(0, 50));
		emit({ case: 'mean cosine with the peer', unit: 'cosine', ours: similarity });
	}
}

/** Each chunk is its own text: the encoder remembers vectors it has computed. */
function chunksOf(characters) {
	const base = ownText().slice(0, 240_000);
	const chunks = [];
	for (let start = 0; start + characters <= base.length; start += Math.floor(characters * 0.875))
		chunks.push(base.slice(start, start + characters));
	return chunks;
}

async function meanCosine(embedder, peer, texts) {
	const peers = await peer.embed(texts);
	let sum = 0;
	let row = 0;
	for await (const { vector } of embedder.embedDocuments(texts)) {
		const other = peers[row++];
		sum += vector.reduce((dot, value, k) => dot + value * other[k], 0) / Math.hypot(...other);
	}
	return sum / texts.length;
}

/** What the encoder process runs on, by what is installed. */
function runtime() {
	try {
		createRequire(import.meta.url).resolve('onnxruntime-node');
		return 'native';
	} catch {
		return 'WebAssembly';
	}
}
