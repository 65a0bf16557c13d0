// What Read Document makes of files, with the readers that a sync has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFile } from '../../../../nodes/LocalEngine/actions/text/read.operation';
import { outputOf } from '../../../support/operation';

jest.setTimeout(60_000);

const fixture = (name: string): Buffer => readFileSync(join(__dirname, '../../../fixtures/documents', name));
const itemOf = (fileName: string) => ({
	json: { from: 'ada@example.org' },
	binary: { data: { data: '', mimeType: 'application/octet-stream', fileName } },
});

test('a workbook becomes text and tables, and the item keeps its fields and its file', async () => {
	const item = itemOf('xlsx.xlsx');
	const [read] = await outputOf(readFile, {
		parameters: {},
		items: [item],
		files: { data: fixture('xlsx.xlsx') },
	});
	expect(read).toMatchObject({
		json: { from: 'ada@example.org', type: 'xlsx', parts: 2 },
		binary: item.binary,
	});
	expect(read?.json.text).toContain('AB-1234/5');
	expect(read?.json.tables).toMatchObject([
		{ sheet: 'Stock', columns: ['Part', 'Stock', 'Counted on'] },
		{ sheet: 'Prices' },
	]);
});

test('a workbook becomes an item a sheet, or an item a row', async () => {
	const options = { items: [itemOf('xlsx.xlsx')], files: { data: fixture('xlsx.xlsx') } };
	const parts = await outputOf(readFile, { ...options, parameters: { readOutput: 'perPart' } });
	expect(parts.map(({ json }) => json.sheet)).toEqual(['Stock', 'Prices']);
	const rows = await outputOf(readFile, { ...options, parameters: { readOutput: 'perRow' } });
	expect(rows[0]?.json).toMatchObject({
		table: 1,
		sheet: 'Stock',
		row: { Part: 'AB-1234/5', Stock: '12', 'Counted on': '2026-03-01' },
	});
});

test('pages of a PDF that were recognised are named', async () => {
	const pages = await outputOf(readFile, {
		parameters: { readOutput: 'perPart' },
		items: [itemOf('mixed-scan.pdf')],
		files: { data: fixture('mixed-scan.pdf') },
	});
	expect(pages.map(({ json }) => json.page)).toEqual([1, 2, 3, 4, 5]);
	expect(pages[0]?.json.warnings).toEqual([expect.stringMatching(/^Pages 2–5 are scans/)]);
});

test('a file that cannot be read, and one without a table, say why', async () => {
	const run = async (fileName: string, data: Buffer, parameters = {}) =>
		await outputOf(readFile, { parameters, items: [itemOf(fileName)], files: { data } });
	await expect(run('a.ppt', Buffer.from('\x7fELF\x02\x01\x01\0\0\0\0\0', 'latin1'))).rejects.toThrow(
		'is a program',
	);
	await expect(run('a.txt', Buffer.from('No table here.'), { readOutput: 'perRow' })).rejects.toThrow(
		'The file "a.txt" has no table.',
	);
});
