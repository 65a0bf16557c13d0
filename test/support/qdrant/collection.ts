import { matches, type Row } from './filter';
import { idf, lowerIsBetter, score, sparseScore, stored, type Distance, type SparseVector } from './scores';
import {
	asList,
	asObject,
	compareIds,
	inNoOrder,
	isObject,
	Refusal,
	toId,
	type Json,
	type JsonObject,
	type PointId,
	textOf,
} from './values';

interface Point extends Row {
	readonly version: number;
	readonly vectors: ReadonlyMap<string, number[] | SparseVector>;
}

/** One collection with its points in memory; every search compares all of them. */
export class Collection {
	readonly points = new Map<PointId, Point>();
	readonly indexes = new Map<string, Json>();
	readonly metadata: JsonObject = {};
	private readonly dense = new Map<string, { size: number; distance: Distance }>();
	private readonly sparse = new Map<string, { idf: boolean }>();
	/** Sparse vectors of deleted points: the server goes on counting them for a while. */
	private readonly ghosts: Array<{ name: string; vector: SparseVector }> = [];
	/** Values of deleted points, by field: the server goes on listing them with 0 for a while. */
	private readonly facetsOfDeleted = new Map<string, Set<Json>>();
	private operations = 0;
	/** States of replicas other than "Active", by "shard/peer". */
	readonly replicaStates = new Map<string, string>();
	strictMode: JsonObject;

	constructor(readonly config: JsonObject) {
		this.strictMode = asObject(config.strict_mode_config);
		const vectors = asObject(config.vectors);
		const named = 'size' in vectors ? { '': vectors } : vectors;
		for (const [name, each] of Object.entries(named)) {
			const { size, distance } = asObject(each);
			this.dense.set(name, { size: Number(size), distance: textOf(distance) as Distance });
		}
		for (const [name, each] of Object.entries(asObject(config.sparse_vectors))) {
			this.sparse.set(name, { idf: asObject(each).modifier === 'idf' });
		}
		this.mergeMetadata(config.metadata);
	}

	mergeMetadata(changes: Json | undefined): void {
		for (const [key, value] of Object.entries(asObject(changes))) {
			if (value === null) delete this.metadata[key];
			else this.metadata[key] = value;
		}
	}

	info(): JsonObject {
		const { vectors = {}, sparse_vectors, hnsw_config, quantization_config = null } = this.config;
		return {
			status: 'green',
			optimizer_status: 'ok',
			// Keywords are always indexed, and count.
			indexed_vectors_count: [...this.points.values()].reduce(
				(sum, { vectors }) => sum + [...vectors.values()].filter((each) => !Array.isArray(each)).length,
				0,
			),
			points_count: this.points.size,
			segments_count: 2,
			config: {
				params: {
					vectors,
					...(sparse_vectors !== undefined && { sparse_vectors }),
					shard_number: this.config.shard_number ?? 1,
					replication_factor: this.config.replication_factor ?? 1,
					write_consistency_factor: this.config.write_consistency_factor ?? 1,
				},
				hnsw_config: hnsw_config ?? {},
				optimizer_config: {},
				quantization_config,
				...(this.strictMode.enabled === true && { strict_mode_config: this.strictMode }),
				...(Object.keys(this.metadata).length > 0 && { metadata: this.metadata }),
			},
			payload_schema: {},
		};
	}

	/** Copies of each shard on the nodes in turn, as many as there are nodes for; the first node answers. */
	placement(peers: readonly number[]): JsonObject {
		const { shard_number, replication_factor } = this.config;
		const shards = Number(shard_number ?? peers.length);
		const copies = Math.min(Number(replication_factor ?? 1), peers.length);
		const placed = Array.from({ length: shards }, (_, shard_id) =>
			Array.from({ length: copies }, (__, n) => {
				const peer_id = peers[(shard_id + n) % peers.length] ?? 1;
				return { shard_id, peer_id, state: this.replicaStates.get(`${shard_id}/${peer_id}`) ?? 'Active' };
			}),
		).flat();
		const [own = 1] = peers;
		return {
			peer_id: own,
			shard_count: shards,
			local_shards: placed
				.filter(({ peer_id }) => peer_id === own)
				.map(({ shard_id, state }) => ({ shard_id, points_count: this.points.size, state })),
			remote_shards: placed.filter(({ peer_id }) => peer_id !== own),
			shard_transfers: [],
		};
	}

	createIndex(field: string, schema: Json): JsonObject {
		const { enabled, max_payload_index_count: most } = this.strictMode;
		if (enabled === true && typeof most === 'number' && !this.indexes.has(field) && this.indexes.size >= most)
			throw new Refusal(
				400,
				`Bad request: Collection already has the maximum number of payload indices (${most}). Help: Please delete an existing index before creating a new one.`,
			);
		this.indexes.set(field, schema);
		this.operations += 2;
		return { operation_id: this.operations, status: 'completed' };
	}

	upsert({ points: given, update_mode = 'upsert', update_filter }: JsonObject): JsonObject {
		const points = asList(given);
		if (points.length === 0) throw new Refusal(400, 'Bad request: Empty update request');
		const version = this.operations + 1;
		const ready = points.map((each, i) => this.read(asObject(each), i, version)); // all or nothing
		this.operations = version;
		for (const point of ready) {
			const there = this.points.get(point.id);
			const wanted = there ? update_mode !== 'insert_only' : update_mode !== 'update_only';
			if (wanted && (!there || matches(there, update_filter))) this.points.set(point.id, point);
		}
		return { operation_id: version, status: 'completed' };
	}

	delete({ points, filter }: JsonObject): JsonObject {
		if (points === undefined && !isObject(filter))
			throw new Refusal(
				400,
				'Format error in JSON body: data did not match any variant of untagged enum PointsSelector',
			);
		const ids = points === undefined ? this.select(filter).map(({ id }) => id) : asList(points).map(toId);
		if (points !== undefined && ids.length === 0) throw new Refusal(400, 'Bad request: Empty update request');
		for (const id of ids) {
			for (const [name, vector] of this.points.get(id)?.vectors ?? []) {
				if (!Array.isArray(vector)) this.ghosts.push({ name, vector: vector });
			}
			for (const [field, value] of Object.entries(this.points.get(id)?.payload ?? {})) {
				if (typeof value === 'string' && this.indexes.has(field))
					this.facetsOfDeleted.set(field, (this.facetsOfDeleted.get(field) ?? new Set()).add(value));
			}
			this.points.delete(id);
		}
		this.operations += 1;
		return { operation_id: this.operations, status: 'completed' };
	}

	retrieve({ ids, with_payload = false, ...options }: JsonObject): Json[] {
		const distinct = [...new Set(asList(ids).map(toId))];
		return distinct.flatMap((id) => {
			const point = this.points.get(id);
			return point ? [this.show(point, { with_payload, ...options })] : [];
		});
	}

	scroll({ filter, limit = 10, offset, order_by, with_payload = true, ...options }: JsonObject): JsonObject {
		if (isObject(order_by))
			return this.scrollInOrder(order_by, { filter: filter ?? null, limit, with_payload, ...options });
		const from = offset === undefined || offset === null ? undefined : toId(offset);
		const rows = this.select(filter).filter(({ id }) => from === undefined || compareIds(id, from) >= 0);
		const page = rows.slice(0, Number(limit));
		return {
			points: page.map((point) => this.show(point, { with_payload, ...options })),
			next_page_offset: rows[Number(limit)]?.id ?? null,
		};
	}

	/** Points without the field are left out, and there is no next page. */
	private scrollInOrder(order: JsonObject, { filter, limit, ...options }: JsonObject): JsonObject {
		const key = textOf(order.key);
		if (!this.indexes.has(key))
			throw new Refusal(
				400,
				`Bad request: No range index for \`order_by\` key: \`${key}\`. Please create one to use \`order_by\`. Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Range conditions`,
			);
		const sign = order.direction === 'desc' ? -1 : 1;
		const rows = this.select(filter).filter(({ payload }) => typeof payload[key] === 'number');
		rows.sort((a, b) => sign * (Number(a.payload[key]) - Number(b.payload[key])));
		const page = rows.slice(0, Number(limit));
		return { points: page.map((point) => this.show(point, options)), next_page_offset: null };
	}

	count(filter: Json | undefined): JsonObject {
		return { count: this.select(filter).length };
	}

	facet({ key, filter, limit = 10 }: JsonObject): JsonObject {
		if (!this.indexes.has(textOf(key))) {
			throw new Refusal(
				400,
				`Wrong input: No appropriate index for faceting: \`${textOf(key)}\`. Please create one to facet on this field. Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Match conditions`,
			);
		}
		const gone = this.facetsOfDeleted.get(textOf(key)) ?? [];
		const counts = new Map<Json, number>([...gone].map((value) => [value, 0]));
		for (const { payload } of this.select(filter)) {
			for (const value of new Set(asList(payload[textOf(key)])))
				counts.set(value, (counts.get(value) ?? 0) + 1);
		}
		const hits = [...counts].map(([value, count]) => ({ value, count }));
		hits.sort((a, b) => b.count - a.count || (textOf(a.value) < textOf(b.value) ? -1 : 1));
		return { hits: hits.slice(0, Number(limit)) };
	}

	query({
		query,
		using = '',
		filter,
		limit = 10,
		offset = 0,
		score_threshold,
		with_payload = false,
		...options
	}: JsonObject): JsonObject {
		const rows = this.select(filter);
		const name = textOf(using);
		const scored =
			isObject(query) && query.sample !== undefined
				? rows.map((point) => ({ point, value: 1 }))
				: this.scores(rows, query, name);
		const distance = this.dense.get(name)?.distance;
		const sign = distance && lowerIsBetter(distance) ? -1 : 1;
		const threshold = typeof score_threshold === 'number' ? score_threshold : undefined;
		// Equal scores have no order, and another one each time.
		const kept = inNoOrder(scored).filter(
			({ value }) => threshold === undefined || sign * value > sign * threshold,
		);
		kept.sort((a, b) => sign * (b.value - a.value));
		const page = kept.slice(Number(offset), Number(offset) + Number(limit));
		return {
			points: page.map(({ point, value }) => {
				const { id, ...rest } = this.show(point, { with_payload, ...options });
				return { id: id ?? null, version: point.version, score: value, ...rest };
			}),
		};
	}

	private scores(
		rows: readonly Point[],
		query: Json | undefined,
		name: string,
	): Array<{ point: Point; value: number }> {
		const sparse = this.sparse.get(name);
		if (sparse) {
			const wanted = readSparse(query, 'internal.query');
			const weight = this.weights(name, sparse.idf);
			return rows.flatMap((point) => {
				const own = point.vectors.get(name);
				const value = own && !Array.isArray(own) ? sparseScore(wanted, own, weight) : undefined;
				return value === undefined ? [] : [{ point, value }];
			});
		}
		const dense = this.dense.get(name);
		if (!dense) throw new Refusal(400, `Wrong input: Not existing vector name error: ${name}`);
		const wanted = stored(this.readDense(query, dense.size), dense.distance);
		return rows.flatMap((point) => {
			const own = point.vectors.get(name);
			return Array.isArray(own) ? [{ point, value: score(wanted, own, dense.distance) }] : [];
		});
	}

	private weights(name: string, idfWanted: boolean): (index: number) => number {
		if (!idfWanted) return () => 1;
		const holders = new Map<number, number>();
		let total = 0;
		const own = [...this.points.values()].flatMap(({ vectors }) => {
			const vector = vectors.get(name);
			return vector && !Array.isArray(vector) ? [vector] : [];
		});
		const gone = this.ghosts.flatMap((ghost) => (ghost.name === name ? [ghost.vector] : []));
		for (const vector of [...own, ...gone]) {
			if (vector.indices.length === 0) continue;
			total += 1;
			for (const index of vector.indices) holders.set(index, (holders.get(index) ?? 0) + 1);
		}
		return (index) => idf(total, holders.get(index) ?? 0);
	}

	private select(filter: Json | undefined): Point[] {
		return [...this.points.values()]
			.filter((point) => matches(point, filter))
			.sort((a, b) => compareIds(a.id, b.id));
	}

	private read({ id, vector, payload }: JsonObject, position: number, version: number): Point {
		const named: JsonObject = isObject(vector) ? vector : { '': vector ?? null };
		const vectors = Object.entries(named).map(([name, value]): [string, number[] | SparseVector] => {
			const dense = this.dense.get(name);
			if (dense) return [name, stored(this.readDense(value, dense.size), dense.distance)];
			if (this.sparse.has(name)) return [name, readSparse(value, `points[${position}].vector.?`)];
			throw new Refusal(400, `Wrong input: Not existing vector name error: ${name}`);
		});
		return { id: toId(id), payload: asObject(payload), vectors: new Map(vectors), version };
	}

	private readDense(value: Json | undefined, size: number): number[] {
		const numbers = asList(value).map(Number);
		if (numbers.length !== size)
			throw new Refusal(
				400,
				`Wrong input: Vector dimension error: expected dim: ${size}, got ${numbers.length}`,
			);
		return numbers;
	}

	private show(
		{ id, payload, vectors }: Point,
		{ with_payload, with_vector, with_vectors }: JsonObject,
	): JsonObject {
		const wanted = with_vector ?? with_vectors ?? false;
		if (Array.isArray(wanted)) {
			for (const name of wanted) {
				if (!this.dense.has(textOf(name)) && !this.sparse.has(textOf(name)))
					throw new Refusal(400, `Wrong input: Not existing vector name error: ${textOf(name)}`);
			}
		}
		const names = Array.isArray(wanted) ? wanted.map(String) : wanted === true ? [...vectors.keys()] : [];
		const shown = Object.fromEntries(
			names.flatMap((name) => (vectors.has(name) ? [[name, vectors.get(name)]] : [])),
		) as JsonObject;
		const fields = Array.isArray(with_payload)
			? Object.fromEntries(Object.entries(payload).filter(([key]) => with_payload.includes(key)))
			: payload;
		return {
			id,
			...(with_payload !== false && with_payload !== undefined && { payload: fields }),
			...(wanted !== false &&
				(Array.isArray(wanted) ? wanted.length > 0 : true) && {
					vector: '' in shown ? (shown[''] ?? null) : shown,
				}),
		};
	}
}

function readSparse(value: Json | undefined, where: string): SparseVector {
	const { indices, values } = asObject(value);
	const pairs = asList(indices).map(
		(index, i) => [Number(index), Math.fround(Number(asList(values)[i]))] as const,
	);
	if (new Set(pairs.map(([index]) => index)).size < pairs.length)
		throw new Refusal(
			422,
			`Validation error in JSON body: [${where}.indices: Validation error: must be unique [{}]]`,
		);
	if (asList(values).length !== pairs.length)
		throw new Refusal(
			422,
			`Validation error in JSON body: [${where}.values: Validation error: must be the same length as indices [{}]]`,
		);
	if (pairs.some(([index]) => index < 0 || index > 0xffffffff))
		throw new Refusal(
			400,
			'Format error in JSON body: data did not match any variant of untagged enum VectorStruct',
		);
	pairs.sort(([a], [b]) => a - b);
	return { indices: pairs.map(([index]) => index), values: pairs.map(([, each]) => each) };
}
