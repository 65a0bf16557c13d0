import type * as LanceDb from '@lancedb/lancedb';
import type { Cutter } from './faults';

type Around = Pick<Cutter, 'around'>;

const WRITES = new Set([
	'createEmptyTable',
	'dropTable',
	'delete',
	'createIndex',
	'dropIndex',
	'optimize',
	'execute',
]);
/** What is made by these is wrapped too. */
const MAKERS = new Set([
	'openTable',
	'createEmptyTable',
	'mergeInsert',
	'whenMatchedUpdateAll',
	'whenNotMatchedInsertAll',
]);

/** LanceDB with its writes, by all connections and tables, going through a cutter. */
export function cutLance(lance: typeof LanceDb, cutter: Around): object {
	const connect = async (uri: string, options?: Partial<LanceDb.ConnectionOptions>): Promise<unknown> =>
		wrap(await lance.connect(uri, options), cutter);
	return new Proxy(lance, {
		get: (target, key) => (key === 'connect' ? connect : (Reflect.get(target, key) as unknown)),
	});
}

function wrap<T>(made: T, cutter: Around): T {
	if (typeof made !== 'object' || made === null) return made;
	return new Proxy(made, {
		get(target, key) {
			const value: unknown = Reflect.get(target, key, target);
			if (typeof value !== 'function' || typeof key !== 'string') return value;
			const call = (...parameters: unknown[]): unknown => Reflect.apply(value, target, parameters);
			if (!WRITES.has(key) && !MAKERS.has(key)) return call;
			return (...parameters: unknown[]): unknown => {
				const result = WRITES.has(key)
					? cutter.around(async () => await call(...parameters))
					: call(...parameters);
				if (!MAKERS.has(key)) return result;
				return result instanceof Promise
					? result.then((each: unknown) => wrap(each, cutter))
					: wrap(result, cutter);
			};
		},
	});
}
