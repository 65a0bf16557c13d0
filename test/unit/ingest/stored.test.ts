import { syncAll } from '../../../lib/ingest';
import { storedDocuments } from '../../../lib/ingest/stored';
import { MemoryIndex } from '../../support/memoryIndex';
import { WordEmbedder } from '../../support/wordEmbedder';
import { utils, write } from '@e965/xlsx';

it('a workbook that is taken from an index still has its sheets, those within a chunk too', async () => {
	const book = utils.book_new();
	for (const name of ['Parts', 'Bridges', 'Ferries'])
		utils.book_append_sheet(book, utils.aoa_to_sheet([['What'], [`About ${name}`]]), name);
	const data = write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
	const index = new MemoryIndex(8, 'letters/8');
	const chunking = { method: 'recursive', size: 10_000 } as const;
	await syncAll([{ source: 'a.xlsx', file: { data, name: 'a.xlsx' } }], {
		...{ index, embedder: new WordEmbedder(), mode: 'add', chunking },
	});
	const found: object[] = [];
	for await (const { content } of storedDocuments(index, new AbortController().signal)) {
		if (!('load' in content)) throw new Error('A stored document is loaded');
		const { text, locations = [], metadata } = await content.load();
		const sheets = locations.find(({ field }) => field === 'sheet');
		const starts = Array.from(sheets?.starts ?? []);
		found.push({
			labels: Array.from(sheets?.labels ?? []),
			lines: starts.map((at) => text.slice(at).split('\n')[0]),
			own: Object.keys(metadata ?? {}),
		});
	}
	expect(found).toEqual([
		{
			labels: ['Parts', 'Bridges', 'Ferries'],
			lines: ['# Parts', '# Bridges', '# Ferries'],
			own: ['sheets'],
		},
	]);
});
