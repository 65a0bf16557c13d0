import type { PDFPageProxy } from 'pdfjs-dist';
import { Raster, times, type Matrix, type Pixels } from './raster';

/** Numbers of pdf.js's drawing operators (its `OPS`), as far as they place pictures. */
const OPS = { save: 10, restore: 11, transform: 12, paintFormBegin: 74, paintFormEnd: 75 };
/** Those that draw a picture: a mask, one by its name, one in line. */
const PAINTS = new Map([
	[83, 'mask'],
	[85, 'named'],
	[86, 'inline'],
] as const) as ReadonlyMap<number, 'mask' | 'named' | 'inline'>;
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
/** Points per inch in PDF; dots per inch that recognition works best with, and that are enough. */
const DPI = { points: 72, least: 150, most: 300 };
/** Milliseconds to wait for a picture of the page to be decoded. */
const DECODE_MS = 30_000;

interface Placed {
	readonly kind: 'mask' | 'named' | 'inline';
	readonly matrix: Matrix;
	readonly argument: unknown;
}

/** The pictures on a page. */
export interface PagePictures {
	/** Share of the page that its pictures cover, 0 to 1. Scans are often cut into strips. */
	readonly share: number;
	/** The pictures as they lie on the page, as a PGM file. */
	draw(): Promise<Uint8Array>;
}

/** Finds the pictures of a page by its drawing operators. */
export async function picturesOf(page: PDFPageProxy): Promise<PagePictures> {
	const { fnArray, argsArray } = await page.getOperatorList();
	const { width, height, transform } = page.getViewport({ scale: 1 });
	const stack: Matrix[] = [];
	let matrix = IDENTITY;
	const placed: Placed[] = [];
	fnArray.forEach((operator: number, at: number) => {
		const [argument, ...more] = (argsArray[at] ?? []) as readonly unknown[];
		if (operator === OPS.save || operator === OPS.paintFormBegin) stack.push(matrix);
		if (operator === OPS.restore || operator === OPS.paintFormEnd) matrix = stack.pop() ?? IDENTITY;
		if (operator === OPS.transform) matrix = times(matrix, [argument, ...more]);
		if (operator === OPS.paintFormBegin) matrix = times(matrix, argument);
		const kind = PAINTS.get(operator);
		if (kind !== undefined) placed.push({ kind, matrix, argument });
	});
	const shares = placed.map(({ matrix: [a, b, c, d] }) => Math.abs(a * d - b * c) / (width * height || 1));
	return {
		share: Math.min(
			1,
			shares.reduce((sum, share) => sum + share, 0),
		),
		draw: async () => {
			const pictures = await Promise.all(
				placed.map(async (each) => ({ ...each, pixels: await pixelsOf(page, each) })),
			);
			const dots = pictures.map(({ pixels, matrix: [a, b] }) =>
				pixels ? (pixels.width / (Math.hypot(a, b) || 1)) * DPI.points : 0,
			);
			const finest = dots.reduce((most, each) => Math.max(most, each), DPI.least);
			const dpi = Math.min(finest, DPI.most);
			const raster = new Raster(
				Math.ceil((width * dpi) / DPI.points),
				Math.ceil((height * dpi) / DPI.points),
			);
			const scale = dpi / DPI.points;
			for (const { pixels, matrix: place } of pictures) {
				if (pixels) raster.draw(pixels, times(times([scale, 0, 0, scale, 0, 0], transform), place));
			}
			return raster.toPgm();
		},
	};
}

async function pixelsOf(page: PDFPageProxy, { kind, argument }: Placed): Promise<Pixels | undefined> {
	const given = kind === 'named' ? await named(page, argument) : argument;
	if (typeof given !== 'object' || given === null) return undefined;
	const { width, height, data, kind: depth } = given as { readonly [name: string]: unknown };
	const bytes = typeof data === 'string' ? await named(page, data) : data;
	const pixels: unknown =
		bytes instanceof Uint8Array || bytes instanceof Uint8ClampedArray
			? bytes
			: (bytes as { readonly data?: unknown } | undefined)?.data;
	if (!(pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)) return undefined;
	if (typeof width !== 'number' || typeof height !== 'number') return undefined;
	return {
		width,
		height,
		data: pixels,
		depth: kind === 'mask' ? 'mask' : depth === 1 ? 'bits' : depth === 2 ? 'rgb' : 'rgba',
	};
}

/** What pdf.js keeps under a name; pictures that several pages show are kept by the document. */
async function named(page: PDFPageProxy, name: unknown): Promise<unknown> {
	if (typeof name !== 'string') return undefined;
	const store = (name.startsWith('g_') ? page.commonObjs : page.objs) as {
		get(name: string, done: (found: unknown) => void): unknown;
	};
	return await new Promise((resolve) => {
		const timer = setTimeout(() => resolve(undefined), DECODE_MS);
		store.get(name, (found) => {
			clearTimeout(timer);
			resolve(found);
		});
	});
}
