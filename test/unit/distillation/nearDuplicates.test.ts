import fc from 'fast-check';
import { NearDuplicateIndex, threshold } from '../../../lib/distillation';
import { MinHasher } from '../../../lib/distillation/curate/minhash';
import { textMaker } from './texts';

/** Jaccard similarity of the sets of 5-word shingles: what the signatures estimate. */
function jaccard(a: string, b: string): number {
	const shingles = (text: string) => {
		const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
		return new Set(
			words
				.slice(0, Math.max(1, words.length - 4))
				.map((_, start) => words.slice(start, start + 5).join(' ')),
		);
	};
	const first = shingles(a);
	const second = shingles(b);
	const both = [...first].filter((shingle) => second.has(shingle)).length;
	return both / (first.size + second.size - both);
}

function edit(text: string, edits: number, random: () => number): string {
	const words = text.split(' ');
	for (let count = 0; count < edits; count++)
		words[Math.floor(random() * words.length)] = `edited${Math.floor(random() * 1e6)}`;
	return words.join(' ');
}

test('with datatrove’s parameters the threshold is 0.72', () => {
	expect(threshold({ bands: 14, rows: 8 })).toBeCloseTo(0.719, 3);
});

test('finds at least 95 % of planted near-duplicates from similarity 0.83 on, and calls less than 1 % of the others alike', () => {
	const { text, random } = textMaker(7);
	const originals = Array.from({ length: 4000 }, () => text(60 + Math.floor(random() * 60)));
	const index = new NearDuplicateIndex();
	const falsely = originals.filter((original) => index.add(original).length > 0);
	let planted = 0;
	let found = 0;
	let unlike = 0;
	let called = 0;
	for (let number = 0; number < 3000; number++) {
		const original = originals[number] ?? '';
		const changed = edit(original, 1 + (number % 12), random);
		const similarity = jaccard(original, changed);
		const hit = index.add(changed).includes(number);
		if (similarity >= 0.83) {
			planted++;
			if (hit) found++;
		} else if (similarity < 0.5) {
			unlike++;
			if (hit) called++;
		}
	}
	expect(planted).toBeGreaterThan(300);
	expect(found / planted).toBeGreaterThanOrEqual(0.95);
	expect(unlike).toBeGreaterThan(300);
	expect(called / unlike).toBeLessThan(0.01);
	expect(falsely.length / originals.length).toBeLessThan(0.01);
});

test('estimates the similarity within its standard error', () => {
	const { text, random } = textMaker(3);
	const index = new NearDuplicateIndex();
	let error = 0;
	for (let pair = 0; pair < 200; pair++) {
		const original = text(80);
		const changed = edit(original, pair % 8, random);
		index.add(original);
		index.add(changed);
		error += Math.abs(index.similarity(pair * 2, pair * 2 + 1) - jaccard(original, changed));
	}
	// Mean absolute error of a proportion over 112 hashes: at most 0.8 · √(0.25 / 112) ≈ 0.038.
	expect(error / 200).toBeLessThan(0.045);
});

test('words are what is between other characters, in any case and script', () => {
	const signatureOf = (text: string) => {
		const hasher = new MinHasher();
		hasher.sign(text);
		return [...hasher.signature];
	};
	expect(signatureOf('The quick, BROWN fox — jumps!')).toEqual(signatureOf('the quick brown fox jumps'));
	expect(signatureOf('Größe ÜBER alles Maß genau')).toEqual(signatureOf('größe über alles maß GENAU'));
	expect(signatureOf('敏捷的棕色狐狸跳过')).not.toEqual(signatureOf('敏捷的棕色狐狸跳进'));
});

test('the same texts in the same order give the same answer, and another seed another signature', () => {
	const { text } = textMaker(5);
	const original = text(40);
	const one = new MinHasher({ seed: 1 });
	const two = new MinHasher({ seed: 2 });
	one.sign(original);
	two.sign(original);
	const again = new MinHasher({ seed: 1 });
	again.sign(original);
	expect([...again.signature]).toEqual([...one.signature]);
	expect([...two.signature]).not.toEqual([...one.signature]);
});

test('any texts can be added, and a text with words is always a near-duplicate of itself', () => {
	const hasher = new MinHasher();
	fc.assert(
		fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 20 }), (texts) => {
			const index = new NearDuplicateIndex();
			for (const text of texts) index.add(text);
			for (const [number, text] of texts.entries()) {
				if (hasher.sign(text) === 0) continue;
				const alike = index.add(text);
				expect(alike.some((other) => other === number || index.similarity(other, number) > 0.9)).toBe(true);
			}
		}),
		{ numRuns: 50 },
	);
});

test('says which setting is out of range', () => {
	expect(() => new NearDuplicateIndex({ bands: 0 })).toThrow(
		'bands must be a whole number from 1 to 256, not 0',
	);
	expect(() => new NearDuplicateIndex({ minSimilarity: 2 })).toThrow('minSimilarity');
});
