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
