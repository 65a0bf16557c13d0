import type { Schemas } from '@qdrant/js-client-rest';
import type { QdrantClient } from './rest';

type Scroll = (
	collection: string,
	body?: Parameters<QdrantClient['scroll']>[1],
) => Promise<Schemas['ScrollResult']>;

/** Every row that a scroll finds, page by page. */
export async function* pagesOf(
	scroll: Scroll,
	collection: string,
	body: NonNullable<Parameters<QdrantClient['scroll']>[1]>,
): AsyncGenerator<Schemas['Record'][]> {
	let offset: Schemas['ExtendedPointId'] | undefined;
	do {
		const page = await scroll(collection, { ...body, ...(offset !== undefined && { offset }) });
		yield page.points;
		const next = page.next_page_offset;
		offset = typeof next === 'string' || typeof next === 'number' ? next : undefined;
	} while (offset !== undefined);
}
