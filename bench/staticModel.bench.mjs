/**
 * The built-in static model: MB of text a second on one core, tokenizing and the whole embedding, against a plain loop as its
 * card has it (a Map of tokens, a regular expression for words, one row after the other); growth; hostile texts. Times are CPU
 * seconds of this process: what else runs on the machine does not count.
 */
import { readFileSync } from 'node:fs';
import { median } from './lib/measure.mjs';
import { moduleOf, root } from './lib/modules.mjs';
import { ownText } from './lib/ownText.mjs';

const CHUNK = 400;
const MIN_MB_PER_SECOND = 10;

export async function run({ quick, emit }) {
	const { builtinEmbedder, countTokens } = moduleOf('embedding');
	const plain = loadPlain(`${root}models/static-minilm-256`);
	const embedder = builtinEmbedder({ tier: 'fast' });
	const base = ownText().slice(0, 170_000);
	const chunks = [];
	for (let start = 0; start < base.length; start += CHUNK) chunks.push(base.slice(start, start + CHUNK));
	const megabytes = Buffer.byteLength(base) / 1e6;

	const cases = {
		tokenize: {
			ours: () => chunks.reduce((sum, chunk) => sum + countTokens(chunk), 0),
			peer: () => chunks.reduce((sum, chunk) => sum + plain.tokenize(chunk).length, 0),
		},
		embed: {
			ours: async () => {
				let tokens = 0;
				for await (const embedded of embedder.embedDocuments(chunks)) tokens += embedded.tokens;
				return tokens;
			},
			peer: () => chunks.reduce((sum, chunk) => sum + plain.embed(chunk).tokens, 0),
		},
	};
	for (const [name, { ours, peer }] of Object.entries(cases)) {
		if ((await ours()) !== (await peer()))
			throw new Error(`${name}: ours and the plain loop count different tokens`);
		const speed = { ours: [], peer: [] };
		for (let round = 0; round < (quick ? 5 : 25); round++) {
			for (const [side, work] of Object.entries({ ours, peer })) {
				speed[side].push(megabytes / (await cpuSeconds(work)));
			}
		}
		const [mine, plainly] = [median(speed.ours), median(speed.peer)];
		const row = { bench: 'static-model', case: `${name}, chunks of ${CHUNK}`, unit: 'MB/s', ours: mine };
		emit({ ...row, peer: plainly, peerName: 'plain loop', ratio: mine / plainly, goal: 1 });
		if (name === 'embed')
			emit({ ...row, peer: MIN_MB_PER_SECOND, peerName: 'limit', ratio: mine / MIN_MB_PER_SECOND, goal: 1 });
	}

	const oneText = base.repeat(quick ? 10 : 60);
	const embedOne = (text) => cpuSeconds(() => embedder.embedQuery(text));
	const [single, double] = [await embedOne(oneText), await embedOne(oneText + oneText)];
	const limited = (row, limit) =>
		emit({ bench: 'static-model', ...row, peer: limit, peerName: 'limit', ratio: limit / row.ours, goal: 1 });
	const size = (Buffer.byteLength(oneText) / 1e6).toFixed(0);
	limited(
		{ case: `one text of ${size} MB, twice as long`, unit: 'times as long', ours: double / single },
		2.2,
	);

	const length = quick ? 10_000_000 : 50_000_000;
	const base64 = Buffer.from(base).toString('base64').replaceAll(/[+/=]/g, '');
	const hostile = {
		a: 'a',
		words: 'word ',
		CJK: '漢字仮名',
		base64,
		'[[[[': '[[[[',
		'e + U+0301': 'e\u0301',
	};
	for (const [name, unit] of Object.entries(hostile)) {
		const text = unit.repeat(Math.ceil(length / unit.length));
		const ours = await cpuSeconds(() => countTokens(text));
		limited(
			{ case: `count tokens of ${length / 1e6} M characters without a line break: ${name}`, unit: 's', ours },
			length / 10_000_000,
		);
	}
}

async function cpuSeconds(work) {
	const before = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1e6;
}

/** The model as plainly as its card describes it. */
function loadPlain(folder) {
	const vocabulary = new Map(
		readFileSync(`${folder}/vocab.txt`, 'utf8')
			.trimEnd()
			.split('\n')
			.map((token, id) => [token, id]),
	);
	const file = readFileSync(`${folder}/model.safetensors`);
	const headerLength = Number(file.readBigUInt64LE(0));
	const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength));
	const part = (name) => {
		const [start, end] = header[name].data_offsets;
		return new Uint8Array(file.subarray(8 + headerLength + start, 8 + headerLength + end)).buffer;
	};
	const rows = new Int8Array(part('embeddings'));
	const scales = new Float32Array(part('scales'));
	const dimensions = header.embeddings.shape[1];
	const cjk =
		/[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

	const piecesOf = (word) => {
		const letters = Array.from(word);
		if (letters.length > 100) return [100];
		const ids = [];
		for (let start = 0; start < letters.length; ) {
			let end = letters.length;
			let id;
			for (; end > start; end--) {
				id = vocabulary.get((start > 0 ? '##' : '') + letters.slice(start, end).join(''));
				if (id !== undefined) break;
			}
			if (end === start) return [100];
			ids.push(id);
			start = end;
		}
		return ids;
	};
	const tokenize = (text) => {
		const clean = text
			.replace(/[\t\n\r]/g, ' ')
			.replace(/[\0\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
			.replace(/\p{White_Space}/gu, ' ')
			.replace(cjk, ' $& ')
			.normalize('NFD')
			.replace(/\p{Mn}/gu, '');
		let lower = '';
		for (const character of clean) lower += character.toLowerCase();
		const ids = [];
		for (const word of lower.match(/[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu) ?? [])
			ids.push(...piecesOf(word));
		return ids;
	};
	const embed = (text) => {
		const ids = tokenize(text);
		const sum = new Float64Array(dimensions);
		for (const id of ids) {
			if (id === 0 || (id >= 100 && id <= 103)) continue;
			const scale = scales[id];
			const row = id * dimensions;
			for (let k = 0; k < dimensions; k++) sum[k] += rows[row + k] * scale;
		}
		const length = Math.hypot(...sum);
		return { vector: Float32Array.from(sum, (x) => (length > 0 ? x / length : 0)), tokens: ids.length };
	};
	return { tokenize, embed };
}
