import type { Point } from '../../../lib/vectorIndex';

export { seededRandom as randomOf } from '../../../lib/support';

export function randomVector(dimensions: number, random: () => number): Float32Array {
	const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5);
	const length = Math.hypot(...vector);
	return vector.map((value) => value / length);
}

export function cosineOf(a: Float32Array, b: Float32Array): number {
	let dot = 0;
	let aa = 0;
	let bb = 0;
	a.forEach((x, i) => {
		const y = b[i] ?? 0;
		dot += x * y;
		aa += x * x;
		bb += y * y;
	});
	return dot / Math.sqrt(aa * bb);
}

export function axis(dimensions: number, ...values: number[]): Float32Array {
	const vector = new Float32Array(dimensions);
	vector.set(values);
	return vector;
}

/** A small library whose answers can be worked out by hand; vectors have 4 dimensions. */
export const library: readonly Point[] = [
	{
		id: 'cats',
		source: 'animals.md',
		text: 'The cat sleeps on the warm mat.',
		vector: axis(4, 1, 0, 0, 0),
		start: 0,
		end: 31,
		metadata: { year: 2001, tags: ['pet', 'small'], author: { name: 'Ann' } },
	},
	{
		id: 'dogs',
		source: 'animals.md',
		text: 'The dog barks at the cat.',
		vector: axis(4, 0.8, 0.6, 0, 0),
		start: 32,
		end: 57,
		metadata: { year: 2005, tags: ['pet'], author: { name: 'Bob' } },
	},
	{
		id: 'boats',
		source: 'ships.md',
		text: 'A boat crosses the cold sea.',
		vector: axis(4, 0, 0, 1, 0),
		start: 0,
		end: 28,
		metadata: { year: 1999, tags: [], fast: false },
	},
	{
		id: 'trains',
		source: 'rails.md',
		text: 'The train leaves the station at noon.',
		vector: axis(4, 0, 0.1, 0.9, 0),
		start: 0,
		end: 37,
		metadata: { year: 2005, fast: true, note: null },
	},
	{ id: 'words', source: 'dictionary', text: 'Zyzzyva: a weevil.' },
];
