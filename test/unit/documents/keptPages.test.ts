// A scan whose reading is interrupted: what was recognised is taken by the next reading of the same file.
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PNG } from 'pngjs';
import { keptFileOf, KeptPages, openPages, sealPage } from '../../../lib/documents/formats/ocr/kept';
import { readers } from '../../../lib/documents/reader/pool';
import { pdfOfScans } from '../../support/pdf';
import { tiffOf } from '../../support/tiff';
import { read } from './read';

jest.setTimeout(120_000);

/** Strips of a scanned page, each another picture of the same words and more. */
function pages(count: number): PNG[] {
	const scan = PNG.sync.read(readFileSync(path.join(__dirname, '../../fixtures/documents/scan.png')));
	return Array.from({ length: count }, (_, at) => {
		const strip = new PNG({ width: scan.width, height: 130 + at });
		PNG.bitblt(scan, strip, 0, 0, scan.width, strip.height, 0, 0);
		return strip;
	});
}

const linesOf = (bytes: Uint8Array): string[] => {
	const file = keptFileOf(bytes).path;
	return existsSync(file) ? readFileSync(file, 'latin1').split('\n').slice(0, -1) : [];
};

describe('a scan whose reading is killed', () => {
	it.each([
		['pages.tiff', tiffOf],
		['pages.pdf', pdfOfScans],
	])('goes on where it stopped, and leaves nothing behind: %s', async (name, fileOf) => {
		const bytes = fileOf(pages(6));
		const reading = read(bytes, name);
		reading.catch(() => undefined);
		while (linesOf(bytes).length < 2) await sleep(5);
		for (const pid of readers.pids) process.kill(pid, 'SIGKILL');
		await expect(reading).rejects.toMatchObject({ kind: 'ended' });
		// The words of the pages that were done are changed: nobody could recognise these.
		const { path: file, key } = keptFileOf(bytes);
		const kept = openPages(readFileSync(file, 'latin1'), key);
		expect(kept[0]?.text).toContain('Wartungsvertrag 4711');
		const changed = kept.map((page, at) => sealPage({ ...page, text: `Kept page ${at + 1}` }, key));
		writeFileSync(
			file,
			`${changed.join('')}${sealPage({ picture: 'x', text: 'x', confidence: 1 }, key).slice(0, 40)}`,
		);
		const { text, locations } = await read(bytes, name);
		const starts = Array.from(locations?.[0]?.starts ?? []);
		const texts = starts.map((start, at) => text.slice(start, starts[at + 1]).trim());
		expect(texts).toHaveLength(6);
		texts.forEach((each, at) =>
			expect(each).toContain(at < kept.length ? `Kept page ${at + 1}` : 'Wartungsvertrag 4711'),
		);
		expect(existsSync(file)).toBe(false);
	});
});

describe('pages that are kept', () => {
	let folder: string;
	beforeEach(() => (folder = path.join(mkdtempSync(path.join(tmpdir(), 'kept-')), 'pages')));
	afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));
	const bytes = Buffer.from('a file');
	const picture = Buffer.from('a picture');
	const words = { text: 'The rent is 900 euros.', confidence: 90 };

	it('are recognised once, and can be read only by somebody who has the file', () => {
		const recognise = jest.fn(() => words);
		const first = new KeptPages(bytes, folder);
		expect([1, 2].map(() => first.recognised(recognise, picture))).toEqual([words, words]);
		expect(new KeptPages(bytes, folder).recognised(recognise, picture)).toEqual(words);
		expect(recognise).toHaveBeenCalledTimes(1);
		const { path: file } = keptFileOf(bytes, folder);
		expect(readFileSync(file, 'latin1')).not.toContain('rent');
		expect(openPages(readFileSync(file, 'latin1'), keptFileOf(Buffer.from('another'), folder).key)).toEqual(
			[],
		);
		expect(statSync(file).mode & 0o077).toBe(0);
		expect(statSync(folder).mode & 0o077).toBe(0);
		// Held in another way it is another picture.
		first.recognised(recognise, picture, 6);
		expect(recognise).toHaveBeenCalledTimes(2);
		first.close();
		expect(readdirSync(folder)).toEqual([]);
	});

	it('are deleted after a day', () => {
		new KeptPages(bytes, folder).recognised(() => words, picture);
		const { path: file } = keptFileOf(bytes, folder);
		const yesterday = new Date(Date.now() - 25 * 3_600_000);
		utimesSync(file, yesterday, yesterday);
		new KeptPages(Buffer.from('another'), folder).recognised(() => words, picture);
		expect(existsSync(file)).toBe(false);
	});

	it('are bounded in number and in bytes, the oldest are deleted first', () => {
		mkdirSync(folder, { mode: 0o700 });
		const left = Array.from({ length: 120 }, (_, at) => path.join(folder, `left${at}`));
		left.forEach((file, at) => {
			writeFileSync(file, '');
			const then = new Date(Date.now() - (at + 1) * 1000);
			utimesSync(file, then, then);
		});
		// As long as all files together may be: a file with a hole, that takes no room on the disk.
		truncateSync(left[50] ?? '', 256 * 1024 * 1024);
		const then = new Date(Date.now() - 51_000);
		utimesSync(left[50] ?? '', then, then);
		writeFileSync(left[10] ?? '', 'x');
		new KeptPages(bytes, folder).recognised(() => words, picture);
		expect(readdirSync(folder)).toHaveLength(51);
		expect(existsSync(left[49] ?? '')).toBe(true);
		expect(existsSync(left[50] ?? '')).toBe(false);
		new KeptPages(bytes, folder).close();
		// One page that is longer than what may be kept of a file is recognised again.
		const recognise = jest.fn(() => ({ ...words, text: 'x'.repeat(16 * 1024 * 1024) }));
		const long = Buffer.from('another file');
		for (let time = 0; time < 2; time++) new KeptPages(long, folder).recognised(recognise, picture);
		expect(recognise).toHaveBeenCalledTimes(2);
		expect(existsSync(keptFileOf(long, folder).path)).toBe(false);
	});

	it('are of no harm where their file cannot be read or deleted', () => {
		mkdirSync(folder, { mode: 0o700 });
		mkdirSync(keptFileOf(bytes, folder).path);
		const kept = new KeptPages(bytes, folder);
		expect(kept.recognised(() => words, picture)).toEqual(words);
		kept.close();
	});

	it('are taken from two readers of the same file at once, whichever ends first', () => {
		const recognise = jest.fn(() => words);
		const [one, other] = [new KeptPages(bytes, folder), new KeptPages(bytes, folder)];
		one.recognised(recognise, picture);
		other.recognised(recognise, Buffer.from('the second picture'));
		const third = new KeptPages(bytes, folder);
		third.recognised(recognise, picture);
		third.recognised(recognise, Buffer.from('the second picture'));
		expect(recognise).toHaveBeenCalledTimes(2);
		one.close();
		other.recognised(recognise, Buffer.from('the third picture'));
		other.close();
		third.close();
		expect(readdirSync(folder)).toEqual([]);
	});

	it('are not kept in a folder that others may write to', () => {
		mkdirSync(folder);
		chmodSync(folder, 0o777);
		expect(new KeptPages(bytes, folder).recognised(() => words, picture)).toEqual(words);
		expect(readdirSync(folder)).toEqual([]);
	});
});
