// A long-lived process that carries out operations on an index, one after the other: see interleavings.test.ts.
import { assertIndexSpace, deleteDocuments, deletePoints, migrate, syncAll } from '../../../lib/ingest';
import { openIndex, type IndexAddress } from '../../../lib/vectorIndex';
import { retryConflicts } from '../../../lib/vectorIndex/embedded/lance';
import { createTidier } from '../../../lib/vectorIndex/embedded/tidying/tidy';
import { WordEmbedder } from '../../support/wordEmbedder';
import { rowText, textOf, type Answer, type Operation, type Task } from './operations';

const embedder = new WordEmbedder('words', 16);
const chunking = { method: 'sentence', size: 70 } as const;

async function run(
	address: IndexAddress & { backend: 'embedded' },
	operation: Operation,
): Promise<Omit<Answer, 'task'>> {
	const index = await openIndex(address);
	switch (operation.kind) {
		case 'sync':
		case 'mirror': {
			const documents = Object.entries(operation.documents).map(([source, value]) => ({
				source,
				text: textOf(source, value),
			}));
			const mode = operation.kind === 'mirror' ? 'mirror' : 'add';
			const report = await syncAll(documents, { index, embedder, chunking, mode, maxRemoved: 1 });
			return {
				failed: report.failed.map(({ source }) => source),
				...(report.removalSkipped !== undefined && { skipped: true }),
			};
		}
		case 'deleteDocument':
			await deleteDocuments(index, [operation.key]);
			return {};
		case 'upsert': {
			const { key, value } = operation;
			const text = rowText(key, value);
			const { id: fingerprint } = await assertIndexSpace(index, embedder);
			const point = { id: key, source: `of ${key}`, text, vector: await embedder.embedQuery(text) };
			await index.upsert([point], { fingerprint });
			return {};
		}
		case 'deleteRow':
			await deletePoints(index, { ids: [operation.key] });
			return {};
		case 'tidy': {
			const { version } = await index.info();
			for (const table of ['rows', 'keys']) {
				const tidy = createTidier(address, `${table}-${version}`);
				await retryConflicts('tidying', async () => await tidy(0));
			}
			return {};
		}
		case 'tune':
			await index.tune({ targetRecall: 0.5, sample: 20 });
			return {};
		case 'migrate':
			await migrate(address, { embedder, chunking: { ...chunking, size: operation.size }, minRecall: 0 });
			return {};
		case 'read': {
			if (operation.mode === 'scan') {
				const texts: string[] = [];
				for await (const { text } of index.scan()) texts.push(text);
				return { texts };
			}
			const vector = await embedder.embedQuery('harbour');
			const query = { mode: operation.mode, text: 'harbour', vector, limit: 1_000, keepTwins: true };
			return { texts: (await index.search(query)).map(({ text }) => text) };
		}
	}
}

process.on('message', ({ task, address, operation }: Task) => {
	void run(address, operation)
		.catch((thrown: unknown) => ({ error: String(thrown) }))
		.then((answer) => process.send?.({ task, ...answer } satisfies Answer));
});
