import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { INodeExecutionData } from 'n8n-workflow';
import { findChangesOperation } from '../../../../nodes/VectorIndex/actions/documents/findChanges.operation';
import { listDocumentsOperation } from '../../../../nodes/VectorIndex/actions/documents/list.operation';
import { sync } from '../../../../nodes/VectorIndex/actions/documents/sync.operation';
import type { ContextOptions } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';

jest.setTimeout(120_000);

let folder = '';
const before = process.env.N8N_USER_FOLDER;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'changes-'));
	process.env.N8N_USER_FOLDER = folder;
});
afterEach(() => {
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(folder, { recursive: true, force: true });
});

const index = { backend: 'embedded', index: { __rl: true, mode: 'name', value: 'docs' } };
const entry = (source: string, changed = 'May', more: object = {}): INodeExecutionData => ({
	json: { source, metadata: { changed }, ...more },
});
const stored = async (items: INodeExecutionData[]) =>
	await outputOf(sync, {
		parameters: { ...index, syncMode: 'add', embedding: 'builtinFast', output: 'perDocument', options: {} },
		items,
	});
const found = async (items: INodeExecutionData[], options: object = {}, more: Partial<ContextOptions> = {}) =>
	(
		await outputOf(findChangesOperation, {
			parameters: { ...index, syncMode: 'mirror', options },
			items,
			...more,
		})
	).map(({ json, pairedItem }) => ({ ...json, pairedItem }));
const names = async () =>
	(await outputOf(listDocumentsOperation, { parameters: index, items: [{ json: {} }] })).map(
		({ json }) => json.source,
	);

it('passes on what is to be fetched, with its fields, and nothing else', async () => {
	const all = [entry('a', 'May', { id: 1 }), entry('b', 'May', { id: 2 })];
	expect(await found(all)).toMatchObject([{ id: 1, change: 'added' }, { id: 2 }]);
	await stored(all.map(({ json }) => ({ json: { ...json, text: `About it.` } })));
	expect(await found(all)).toEqual([]);
	expect(await found([entry('a'), entry('b', 'June', { id: 2 })])).toEqual([
		{ source: 'b', id: 2, metadata: { changed: 'June' }, change: 'changed', pairedItem: { item: 1 } },
	]);
});

it('keeps what came with a mail, and deletes it with the mail', async () => {
	const mail = {
		json: { source: 'mail-1', text: 'See the file.', metadata: { changed: 'May' } },
		binary: { attachment_0: { data: '', mimeType: 'text/plain', fileName: 'order.txt' } },
	};
	await outputOf(sync, {
		parameters: { ...index, syncMode: 'add', embedding: 'builtinFast', output: 'perDocument', options: {} },
		items: [mail, { json: { source: 'mail-2', text: 'Other.', metadata: { changed: 'May' } } }],
		files: { attachment_0: Buffer.from('Order 7') },
	});
	expect(await found([entry('mail-1'), entry('mail-2')])).toEqual([]);
	expect(await names()).toEqual(expect.arrayContaining(['mail-1', 'mail-1/order.txt', 'mail-2']));
	await found([entry('mail-2')]);
	expect(await names()).toEqual(['mail-2']);
});

it('fails for an entry that is none, and deletes nothing then', async () => {
	await stored([{ json: { source: 'a', text: 'A.', metadata: { changed: 'May' } } }]);
	const items = [entry('b'), { json: { error: 'The folder "2026" could not be listed' } }];
	await expect(found(items)).rejects.toThrow('has no source');
	expect(await found(items, {}, { continueOnFail: true })).toMatchObject([
		{ source: 'b', change: 'added' },
		{ error: expect.stringContaining('has no source') },
	]);
	expect(await names()).toEqual(['a']);
});

it('returns a part where there is much to fetch, not the same part for ever', async () => {
	const all = Array.from({ length: 40 }, (_, position) => entry(`d${position}`));
	const seen = new Set<unknown>();
	for (let run = 0; run < 200 && seen.size < all.length; run++) {
		const some: object[] = await found(all, { maxDocuments: 5 });
		expect(some).toHaveLength(5);
		for (const document of some) seen.add('source' in document ? document.source : undefined);
	}
	expect(seen.size).toBe(all.length);
});
