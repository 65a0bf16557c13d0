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

/** Lets `limit` calls run at a time; the others wait in order. */
export function createGate(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
	const waiting: Array<() => void> = [];
	let running = 0;
	return async (work) => {
		if (running === limit) await new Promise<void>((go) => waiting.push(go));
		else running += 1;
		try {
			return await work();
		} finally {
			// A place is handed on, not given back, so that nobody can push in.
			const next = waiting.shift();
			if (next) next();
			else running -= 1;
		}
	};
}
