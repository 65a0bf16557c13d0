import type { DocumentInterface } from '@langchain/core/documents';
import type * as VectorStores from '@langchain/core/vectorstores';
import type { Embedder } from '../../../lib/embedding';
import {
	type Filter,
	type Hit,
	idOfContent,
	type Point,
	type SearchQuery,
	type UpsertReport,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { assertIndexSpace, upsertRows, upsertTexts } from '../../../lib/ingest';
import type { CallContext } from '../../../lib/support';
import { InputError } from '../runtime/errors';
import { embeddingsOf } from './embeddings';
import { fromHost } from './host';
import { documentOfRow, rowOfDocument, scoredDocument } from './storeDocuments';

/** What a store needs besides its index. */
export interface StoreParts {
	readonly index: VectorIndex;
	/** The model the index was built with. */
	readonly embedder: Embedder;
	/** A search by a question, as the node is set: meaning, keywords or both, reranked or not. */
	readonly search: (question: string, settings: StoreSearch) => Promise<Hit[]>;
	/** Always applied, together with the filter of a call. */
	readonly filter?: Filter;
	readonly call?: CallContext;
}

export type StoreSearch = Pick<SearchQuery, 'limit' | 'filter' | 'diversity' | 'candidates'>;

type Found = DocumentInterface & { id: string };

/**
 * A vector index as LangChain's VectorStore: a subclass of n8n's own copy, for its retriever asks `instanceof VectorStore`.
 */
export function vectorStoreOf(parts: StoreParts): VectorStores.VectorStore {
	const IndexStore = (storeClass ??= defineStore(fromHost('@langchain/core/vectorstores')));
	return new IndexStore(parts);
}

let storeClass: ReturnType<typeof defineStore> | undefined;

function defineStore(host: typeof VectorStores) {
	return class LocalEngineVectorStore extends host.VectorStore {
		declare FilterType: Filter;

		constructor(private readonly parts: StoreParts) {
			super(embeddingsOf(parts.embedder, parts.call), {});
		}

		_vectorstoreType(): string {
			return 'localEngine';
		}

		/** Writing the same document twice changes nothing; `ids` replaces the rows of these ids. */
		override async addDocuments(
			documents: DocumentInterface[],
			options?: { readonly ids?: readonly string[] },
		): Promise<string[]> {
			const { embedder, call } = this.parts;
			const rows = documents.map((document, i) => rowOfDocument(document, 'documents', options?.ids?.[i]));
			const { id: fingerprint } = await assertIndexSpace(this.parts.index, embedder, call);
			const ids: string[] = [];
			const report = await upsertTexts(this.parts.index, rows, embedder, {
				...{ ...call, fingerprint },
				async *through(points) {
					for await (const point of points) {
						const id = point.id ?? idOfContent(point, fingerprint);
						ids.push(id);
						yield { ...point, id };
					}
				},
			});
			assertStored(report, documents.length);
			return ids;
		}

		override async addVectors(
			vectors: number[][],
			documents: DocumentInterface[],
			options?: { readonly ids?: readonly string[] },
		): Promise<string[]> {
			return await this.write(
				documents.map((document, i) => ({
					...rowOfDocument(document, 'documents', options?.ids?.[i]).point,
					...(vectors[i] && { vector: Float32Array.from(vectors[i]) }),
				})),
			);
		}

		override async delete({ ids, filter }: { ids?: readonly string[]; filter?: Filter }): Promise<void> {
			if (ids && ids.length === 0) return;
			if (!ids && !filter) throw new InputError('Name what to delete: "ids" or "filter".');
			await this.parts.index.delete({ ids, filter });
		}

		async getByIds(ids: readonly string[]): Promise<Found[]> {
			return (await this.parts.index.get(ids)).map(documentOfRow);
		}

		override async similaritySearch(question: string, k = 4, filter?: Filter): Promise<Found[]> {
			return (await this.similaritySearchWithScore(question, k, filter)).map(([document]) => document);
		}

		override async similaritySearchWithScore(
			question: string,
			k = 4,
			filter?: Filter,
		): Promise<Array<[Found, number]>> {
			const hits = await this.parts.search(question, { limit: k, filter: this.joined(filter) });
			return hits.map(scoredDocument);
		}

		override async similaritySearchVectorWithScore(
			vector: number[],
			k: number,
			filter?: Filter,
		): Promise<Array<[Found, number]>> {
			const hits = await this.parts.index.search(
				{
					vector: Float32Array.from(vector),
					mode: 'vector',
					limit: k,
					filter: this.joined(filter),
				},
				this.parts.call,
			);
			return hits.map(scoredDocument);
		}

		/** LangChain's `lambda` is the share of relevance, our diversity the share of variety. */
		override async maxMarginalRelevanceSearch(
			question: string,
			{
				k,
				fetchK = 20,
				lambda = 0.5,
				filter,
			}: { k: number; fetchK?: number; lambda?: number; filter?: Filter },
		): Promise<Found[]> {
			const hits = await this.parts.search(question, {
				limit: k,
				candidates: Math.max(k, fetchK),
				diversity: 1 - lambda,
				filter: this.joined(filter),
			});
			return hits.map(documentOfRow);
		}

		private joined(filter: Filter | undefined): Filter | undefined {
			const own = this.parts.filter;
			return own && filter ? { and: [own, filter] } : (own ?? filter);
		}

		private async write(points: readonly Point[]): Promise<string[]> {
			const { index, embedder, call } = this.parts;
			const { id: fingerprint } = await assertIndexSpace(index, embedder, call);
			const identified = points.map((point) => ({
				...point,
				id: point.id ?? idOfContent(point, fingerprint),
			}));
			assertStored(await upsertRows(index, identified, { ...call, fingerprint }), points.length);
			return identified.map(({ id }) => id);
		}
	};
}

function assertStored({ failedCount, failed }: UpsertReport, count: number): void {
	if (failedCount === 0) return;
	throw new InputError(
		`${failedCount} of ${count} documents could not be stored. The first: ${failed[0]?.reason ?? 'unknown'}.`,
	);
}
