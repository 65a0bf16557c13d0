/** Runs `work` over the items, at most `limit` at a time, and returns the results in the order of the items. */
export async function mapInOrder<T, R>(
	items: readonly T[],
	limit: number,
	work: (item: T) => Promise<R>,
): Promise<R[]> {
	const results = new Map<number, R>();
	const queue = items.entries();
	async function worker(): Promise<void> {
		for (const [i, item] of queue) results.set(i, await work(item));
	}
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
	return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

export function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
	for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
