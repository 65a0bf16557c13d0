/** More are no help. */
const MAX_OFFERED = 3;

/** Names that are like one that was misspelt, the nearest first: other case or separators, one in the other, or a few letters changed. */
export function nearNames(name: string, names: readonly string[]): string[] {
	const wanted = plain(name);
	return names
		.map((each) => ({ each, distance: distanceOf(wanted, plain(each)) }))
		.filter(({ each, distance }) => distance <= allowed(Math.max(wanted.length, plain(each).length)))
		.sort((a, b) => a.distance - b.distance)
		.slice(0, MAX_OFFERED)
		.map(({ each }) => each);
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_ .]/g, '');

/** Letters that may differ: a third, at most four. */
const allowed = (length: number): number => Math.min(4, Math.floor(length / 3));

function distanceOf(a: string, b: string): number {
	if (a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a))) return 1;
	return editDistance(a, b);
}

/** Letters to insert, delete or replace (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
	let above = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const here = [row];
		for (let column = 1; column <= b.length; column++) {
			const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
			here.push(Math.min(replaced, (above[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1));
		}
		above = here;
	}
	return above[b.length] ?? 0;
}
