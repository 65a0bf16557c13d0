import { strToU8, zipSync } from 'fflate';
import {
	syncAll,
	type DocumentOutcome,
	type IngestDocument,
	sync,
	type SyncOptions,
} from '../../../lib/ingest';
import { MemoryIndex } from '../../support/memoryIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

jest.setTimeout(60_000);

const zip = (files: { readonly [name: string]: string | Uint8Array }): Buffer =>
	Buffer.from(
		zipSync(
			Object.fromEntries(
				Object.entries(files).map(([name, file]) => [name, typeof file === 'string' ? strToU8(file) : file]),
			),
		),
	);

const mail = (subject: string, attachments: ReadonlyArray<readonly [name: string, file: Buffer]>): Buffer =>
	Buffer.from(
		[
			`Subject: ${subject}`,
			'From: a@example.com',
			'MIME-Version: 1.0',
			'Content-Type: multipart/mixed; boundary=b',
			'',
			'--b',
			'Content-Type: text/plain',
			'',
			'The pump does not run.',
			...attachments.flatMap(([name, file]) => [
				'--b',
				`Content-Type: application/octet-stream; name="${name}"`,
				`Content-Disposition: attachment; filename="${name}"`,
				'Content-Transfer-Encoding: base64',
				'',
				file.toString('base64'),
			]),
			'--b--',
			'',
		].join('\r\n'),
	);

/** What a sync says and stores: outcomes in their order, texts by source. */
async function synced(
	documents: readonly IngestDocument[],
	index = new MemoryIndex(8, 'letters/8'),
	more: Partial<Pick<SyncOptions, 'mode' | 'preview' | 'limits'>> = {},
): Promise<{ outcomes: DocumentOutcome[]; texts: Record<string, string>; index: MemoryIndex }> {
	const options = { index, embedder: new WordEmbedder(), mode: 'add' as const, ...more };
	const outcomes: DocumentOutcome[] = [];
	for await (const outcome of sync(documents, {
		...options,
		chunking: { method: 'recursive', size: 100_000 },
	}))
		outcomes.push(outcome);
	const texts: Record<string, string> = {};
	for (const { source, text } of index.rows.values()) texts[source] = text;
	return { outcomes, texts, index };
}

const states = (outcomes: readonly DocumentOutcome[]): string[] =>
	outcomes.map(({ source, state }) => `${state} ${source}`).sort();

describe('a mail with attachments', () => {
	const data = mail('Pump', [
		['order.csv', Buffer.from('part;price\npump;10\n')],
		['notes.txt', Buffer.from('Deliver on Monday.')],
		['notes.txt', Buffer.from('Deliver on Tuesday.')],
	]);

	it('is a document, and each attachment is one below it', async () => {
		const { outcomes, texts } = await synced([
			{ source: 'mails/1', file: { data, name: 'a.eml' }, title: 'Mine', metadata: { team: 'sales' } },
			{ source: 'b', text: 'Other.' },
		]);
		expect(states(outcomes)).toEqual([
			'added b',
			'added mails/1',
			'added mails/1/notes.txt',
			'added mails/1/notes.txt (2)',
			'added mails/1/order.csv',
		]);
		expect(outcomes.map(({ source, position }) => [source === 'b' ? 1 : 0, position])).toEqual(
			outcomes.map(({ position }) => [position, position]),
		);
		expect(texts['mails/1']).toContain('The pump does not run.');
		expect(texts['mails/1']).not.toContain('Deliver');
		expect(texts['mails/1/order.csv']).toBe('part: pump\nprice: 10');
		expect(texts['mails/1/notes.txt (2)']).toBe('Deliver on Tuesday.');
	});

	it('carries its own title and what was said about it to the attachments', async () => {
		const { index } = await synced([
			{ source: 'm', file: { data, name: 'a.eml' }, title: 'Mine', metadata: { team: 'sales' } },
		]);
		const facts = [...index.rows.values()].map(({ source, metadata }) => [
			source,
			metadata?.team,
			metadata?.title,
		]);
		expect(facts).toContainEqual(['m', 'sales', 'Mine']);
		expect(facts).toContainEqual(['m/order.csv', 'sales', undefined]);
	});

	it('is unchanged the second time, and only what changed is written', async () => {
		const { index } = await synced([{ source: 'm', file: { data, name: 'a.eml' } }]);
		const again = await synced([{ source: 'm', file: { data, name: 'a.eml' } }], index);
		expect(new Set(again.outcomes.map(({ state }) => state))).toEqual(new Set(['unchanged']));
		const other = mail('Pump', [['order.csv', Buffer.from('part;price\npump;11\n')]]);
		const changed = await synced([{ source: 'm', file: { data: other, name: 'a.eml' } }], index, {
			mode: 'mirror',
		});
		expect(states(changed.outcomes)).toEqual([
			'changed m',
			'changed m/order.csv',
			'removed m/notes.txt',
			'removed m/notes.txt (2)',
		]);
	});

	it('is told apart in a preview', async () => {
		const { outcomes, texts } = await synced(
			[{ source: 'm', file: { data, name: 'a.eml' } }],
			new MemoryIndex(8, 'letters/8'),
			{ preview: true },
		);
		expect(outcomes).toHaveLength(4);
		expect(texts).toEqual({});
	});

	it('fails alone in what cannot be read', async () => {
		const { outcomes } = await synced([
			{
				source: 'm',
				file: {
					data: mail('x', [
						['photo.psd', Buffer.from('8BPS\0\x01')],
						['a.txt', Buffer.from('Text.')],
					]),
				},
			},
		]);
		expect(states(outcomes)).toEqual(['added m', 'added m/a.txt', 'failed m/photo.psd']);
		expect(outcomes.find(({ state }) => state === 'failed')?.reason).toContain('Photoshop');
	});
});

describe('an archive', () => {
	it('is its files, those of mails and archives in it too', async () => {
		const inner = zip({ 'deep/c.md': '# Deep' });
		const data = zip({
			'a.txt': 'First.',
			'b/m.eml': mail('In', [['x.txt', Buffer.from('Attached.')]]),
			'inner.zip': inner,
		});
		const { outcomes, texts } = await synced([{ source: 'all.zip', file: { data } }]);
		expect(states(outcomes)).toEqual([
			'added all.zip/a.txt',
			'added all.zip/b/m.eml',
			'added all.zip/b/m.eml/x.txt',
			'added all.zip/inner.zip/deep/c.md',
		]);
		expect(texts['all.zip/b/m.eml/x.txt']).toBe('Attached.');
	});

	it('that is empty, too deep or a bomb is refused, and nothing else', async () => {
		let deep = zip({ 'a.txt': 'deepest' });
		for (let at = 0; at < 5; at++) deep = zip({ 'a.zip': deep });
		// 10 MB of zeros in 10 kB.
		const big = new Uint8Array(1024 * 1024);
		const bomb = zip(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`${at}.txt`, big])));
		const documents = [
			{ source: 'empty.zip', file: { data: zip({ 'folder/': '' }) } },
			{ source: 'deep.zip', file: { data: deep } },
			{ source: 'bomb.zip', file: { data: bomb } },
			{ source: 'good.txt', text: 'Good.' },
		];
		const { outcomes } = await synced(documents, undefined, { limits: { fileBytes: 5_000_000 } });
		expect(states(outcomes)).toEqual([
			'added good.txt',
			'failed bomb.zip',
			'failed deep.zip/a.zip/a.zip/a.zip',
			'failed empty.zip',
		]);
		const reasons = Object.fromEntries(outcomes.map(({ source, reason }) => [source, reason]));
		expect(reasons['empty.zip']).toBe('The archive holds no files.');
		expect(reasons['bomb.zip']).toContain('take more than 5 MB unpacked');
	});
});

it('counts what was found for the progress', async () => {
	const seen: Array<readonly [done: number, total: number | undefined]> = [];
	const data = zip({ 'a.txt': 'First.', 'b.txt': 'Second.' });
	await syncAll(
		[{ source: 'all.zip', file: { data } }],
		{
			...{ index: new MemoryIndex(8, 'letters/8'), embedder: new WordEmbedder(), mode: 'add' as const },
			chunking: { method: 'recursive', size: 1000 },
		},
		{ onProgress: ({ done, total }) => seen.push([done, total]) },
	);
	expect(seen.at(-1)).toEqual([2, 2]);
});
