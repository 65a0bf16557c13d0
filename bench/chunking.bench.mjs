/**
 * Chunking against the libraries people use, on the same text in one run; ours and peers take turns and the best of several
 * rounds counts. Time is CPU time of this process, so that other work on the
 * machine does not count; short work is repeated until it can be measured. MB are millions of characters of the (nearly all ASCII) text.
 */
import { RecursiveChunker, SentenceChunker, TokenChunker } from '@chonkiejs/core';
import { CharacterTextSplitter, RecursiveCharacterTextSplitter } from '@langchain/textsplitters';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getEncoding } from 'js-tiktoken';
import { moduleOf } from './lib/modules.mjs';
import { ownText } from './lib/ownText.mjs';

const BENCH = 'chunking';

export async function run({ quick, emit }) {
	const text = markdownText(quick ? 2e6 : 5e6);
	const rounds = quick ? 3 : 7;
	await againstPeers({ text, rounds, emit });
	await againstLimits({ text, rounds, emit });
	await doubled({ text, rounds, emit });
	countTokens({ text: text.slice(0, quick ? 300_000 : 1_000_000), rounds: quick ? 2 : 3, emit });
	await eventLoop({ text, emit, quick });
	torture({ emit, quick });
}

/** Markdown as it comes: this project's own pages, repeated. */
function markdownText(length) {
	const once = ownText();
	// Through a buffer, so that what is measured is no rope of joined pieces.
	return Buffer.from(once.repeat(Math.ceil(length / once.length)).slice(0, length)).toString();
}

const drain = (method, options) => (text) => {
	const { chunkSync } = moduleOf('chunking');
	let count = 0;
	for (const piece of chunkSync(text, { method, ...options })) count += piece.text.length > 0 ? 1 : 0;
	return count;
};

const semantic = (strategy) => async (text) => {
	const { chunk } = moduleOf('chunking');
	const { staticTokenVectors } = moduleOf('embedding');
	let count = 0;
	const options = { method: 'semantic', size: 1000, semantic: { strategy } };
	for await (const piece of chunk(text, options, { tokenRows: staticTokenVectors }))
		count += piece.text.length > 0 ? 1 : 0;
	return count;
};

/** CPU time of this process so far, in ms. */
function cpuMs() {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

/** CPU seconds of one run, taken over as many as last 50 ms. */
async function seconds(work, text, leastMs = 50) {
	const started = cpuMs();
	for (let runs = 1; ; runs++) {
		const count = await work(text);
		if (!(count > 0 || count?.length > 0)) throw new Error('nothing was chunked');
		const spent = cpuMs() - started;
		if (spent >= leastMs) return spent / 1000 / runs;
	}
}

/** Best time of each, in turns. */
async function best(works, text, rounds) {
	const times = works.map(() => Infinity);
	for (let round = 0; round < rounds; round++)
		for (const [i, work] of works.entries()) times[i] = Math.min(times[i], await seconds(work, text));
	return times;
}

async function againstPeers({ text, rounds, emit }) {
	const bounds = (chunkOverlap) => ({ chunkSize: 1000, chunkOverlap });
	const recursive = (overlap) => new RecursiveCharacterTextSplitter(bounds(overlap));
	const fixed = (overlap) => new CharacterTextSplitter({ ...bounds(overlap), separator: '' });
	const chonkieFixed = async (overlap) => {
		const chunker = await TokenChunker.create({ tokenizer: 'character', ...bounds(overlap) });
		return (part) => chunker.chunk(part);
	};
	const chonkieRecursive = await RecursiveChunker.create({ tokenizer: 'character', chunkSize: 1000 });
	const chonkieSentence = await SentenceChunker.create({ tokenizer: 'character', chunkSize: 1000 });
	const cases = [
		[
			'fixed 1000/0',
			drain('fixed', { size: 1000 }),
			'@langchain/textsplitters',
			(part) => fixed(0).splitText(part),
			2,
		],
		[
			'fixed 1000/200',
			drain('fixed', { size: 1000, overlap: 200 }),
			'@langchain/textsplitters',
			(part) => fixed(200).splitText(part),
			2,
		],
		// Its token chunker is quadratic: 400 kB are enough to see it, both get the same.
		[
			'fixed 1000/0, 400 kB',
			drain('fixed', { size: 1000 }),
			'@chonkiejs/core',
			await chonkieFixed(0),
			2,
			400_000,
		],
		[
			'recursive 1000/0',
			drain('recursive', { size: 1000 }),
			'@langchain/textsplitters',
			(part) => recursive(0).splitText(part),
			2,
		],
		[
			'recursive 1000/200',
			drain('recursive', { size: 1000, overlap: 200 }),
			'@langchain/textsplitters',
			(part) => recursive(200).splitText(part),
			2,
		],
		[
			'recursive 1000/0',
			drain('recursive', { size: 1000 }),
			'@chonkiejs/core',
			(part) => chonkieRecursive.chunk(part),
			2,
		],
		[
			'sentence 1000',
			drain('sentence', { size: 1000 }),
			'@chonkiejs/core',
			(part) => chonkieSentence.chunk(part),
			1.5,
		],
	];
	for (const [name, ours, peerName, peer, goal, length] of cases) {
		const part = length ? text.slice(0, length) : text;
		const [own, other] = await best([ours, peer], part, length ? 1 : rounds);
		const speed = (time) => part.length / 1e6 / time;
		emit({
			bench: BENCH,
			case: name,
			unit: 'MB/s',
			ours: speed(own),
			peer: speed(other),
			peerName,
			ratio: other / own,
			goal,
		});
	}
}

async function againstLimits({ text, rounds, emit }) {
	const limits = [
		['markdown 1000/0', drain('markdown', { size: 1000 }), 50],
		['markdown 1000/200', drain('markdown', { size: 1000, overlap: 200 }), 50],
		['semantic cluster, built-in model', semantic('cluster'), 5],
		['semantic breakpoint, built-in model', semantic('breakpoint'), 5],
	];
	for (const [name, work, limit] of limits) {
		const [time] = await best([work], text, rounds);
		const ours = text.length / 1e6 / time;
		emit({
			bench: BENCH,
			case: name,
			unit: 'MB/s',
			ours,
			peer: limit,
			peerName: 'limit',
			ratio: ours / limit,
			goal: 1,
		});
	}
}

/** Twice the input may cost 2.2 times the time. */
async function doubled({ text, rounds, emit }) {
	// From 5 to 10 MB: half as much would fit the processor's cache, and the step out of it is not ours. One flat string each.
	const twice = Buffer.from(text.repeat(2)).toString();
	const works = {
		...Object.fromEntries(
			['fixed', 'recursive', 'sentence', 'markdown', 'code'].map((method) => [
				method,
				drain(method, { size: 1000 }),
			]),
		),
		'recursive, cl100k': drain('recursive', { size: 250, unit: 'cl100k' }),
		'semantic cluster': semantic('cluster'),
		'semantic breakpoint': semantic('breakpoint'),
	};
	for (const [name, work] of Object.entries(works)) {
		const times = [Infinity, Infinity];
		// Long enough that each has its share of garbage collection.
		for (let round = 0; round < rounds; round++)
			for (const [i, input] of [text, twice].entries())
				times[i] = Math.min(times[i], await seconds(work, input, 250));
		const ours = times[1] / times[0];
		emit({
			bench: BENCH,
			case: `${name}, input doubled`,
			unit: '× time',
			ours,
			peer: 2.2,
			peerName: 'limit',
			ratio: 2.2 / ours,
			goal: 1,
		});
	}
}

function countTokens({ text, rounds, emit }) {
	const { bpeCounter } = moduleOf('chunking');
	for (const name of ['cl100k', 'o200k']) {
		const count = bpeCounter(name);
		const peer = getEncoding(`${name}_base`);
		const times = [Infinity, Infinity];
		for (let round = 0; round < rounds; round++) {
			let started = cpuMs();
			const ours = count(text);
			times[0] = Math.min(times[0], cpuMs() - started);
			started = cpuMs();
			const theirs = peer.encode(text, [], []).length;
			times[1] = Math.min(times[1], cpuMs() - started);
			if (ours !== theirs) throw new Error(`${name}: ${ours} tokens counted, js-tiktoken has ${theirs}`);
		}
		const speed = (time) => text.length / 1e3 / time;
		emit({
			bench: BENCH,
			case: `counting ${name} tokens, exactly equal`,
			unit: 'MB/s',
			ours: speed(times[0]),
			peer: speed(times[1]),
			peerName: 'js-tiktoken',
			ratio: times[1] / times[0],
			goal: 5,
		});
		const run = 'a'.repeat(5_000_000);
		const half = timeOf(() => count(run.slice(0, 2_500_000)));
		const whole = timeOf(() => count(run));
		emit({
			bench: BENCH,
			case: `counting ${name} tokens of 5 MB of "a", input doubled`,
			unit: '× time',
			ours: whole / half,
			peer: 2.2,
			peerName: 'limit',
			ratio: (2.2 * half) / whole,
			goal: 1,
		});
	}
}

function timeOf(work) {
	let fastest = Infinity;
	for (let round = 0; round < 7; round++) {
		const started = cpuMs();
		work();
		fastest = Math.min(fastest, cpuMs() - started);
	}
	return fastest;
}

/**
 * The longest time chunk() holds the event loop over one large document: CPU time between two turns of the loop, since
 * the clock on the wall also counts what other processes take.
 */
async function eventLoop({ text, emit, quick }) {
	const { chunk } = moduleOf('chunking');
	const { staticTokenVectors } = moduleOf('embedding');
	const large = Buffer.from(text.repeat(quick ? 5 : 10)).toString();
	for (const method of ['recursive', 'markdown', 'semantic']) {
		const part = method === 'semantic' ? text : large;
		const watch = watchTurns();
		for await (const piece of chunk(part, { method, size: 1000 }, { tokenRows: staticTokenVectors }))
			if (piece.end > part.length) throw new Error('beyond the text');
		const ours = watch();
		const name = `${method}, longest hold of the event loop over ${Math.round(part.length / 1e6)} MB`;
		emit({
			bench: BENCH,
			case: name,
			unit: 'ms',
			ours,
			peer: 50,
			peerName: 'limit',
			ratio: 50 / ours,
			goal: 1,
		});
	}
}

function watchTurns() {
	let longest = 0;
	let last = { wall: performance.now(), cpu: cpuMs() };
	let running = true;
	const turn = () => {
		const now = { wall: performance.now(), cpu: cpuMs() };
		longest = Math.max(longest, Math.min(now.wall - last.wall, now.cpu - last.cpu));
		last = now;
		if (running) setImmediate(turn);
	};
	setImmediate(turn);
	return () => {
		turn();
		running = false;
		return longest;
	};
}

function torture({ emit, quick }) {
	const script = fileURLToPath(new URL('chunking.torture.mjs', import.meta.url));
	for (const method of ['fixed', 'recursive', 'sentence', 'markdown', 'code']) {
		for (const line of ['a', 'word', 'cjk', 'base64', 'brackets']) {
			if (quick && method !== 'recursive' && line !== 'brackets') continue;
			const { ms, rssMb } = JSON.parse(
				execFileSync(process.execPath, [script, method, line, '50'], { encoding: 'utf8' }),
			);
			emit({
				bench: BENCH,
				case: `${method}, one line of 50 MB: ${line}`,
				unit: 's',
				ours: ms / 1000,
				peer: 5,
				peerName: 'limit',
				ratio: 5000 / ms,
				goal: 1,
			});
			emit({
				bench: BENCH,
				case: `${method}, one line of 50 MB: ${line}, peak memory`,
				unit: 'MB',
				ours: rssMb,
				peer: 500,
				peerName: 'limit',
				ratio: 500 / rssMb,
				goal: 1,
			});
		}
	}
}
