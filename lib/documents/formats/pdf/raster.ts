/** As in PDF: [a b c d e f]. */
export type Matrix = readonly [number, number, number, number, number, number];

/** A picture. `bits`: a bit a pixel, 1 is white; `mask`: a bit a pixel, 0 is painted. Rows begin at a byte. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	readonly depth: 'bits' | 'mask' | 'rgb' | 'rgba';
	readonly data: Uint8Array | Uint8ClampedArray;
}

/** Pixels of the largest page drawn: A3 at 300 dpi is 17 million. */
const MAX_PIXELS = 40_000_000;

export function times([a, b, c, d, e, f]: Matrix, by: unknown): Matrix {
	const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = Array.from((by ?? []) as ArrayLike<unknown>, Number);
	return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** A white page in shades of grey on which pictures are laid. */
export class Raster {
	private readonly grey: Uint8Array;

	constructor(
		private readonly width: number,
		private readonly height: number,
	) {
		if (!(width > 0 && height > 0 && width * height <= MAX_PIXELS))
			throw new Error('a page is too large to be drawn');
		this.grey = new Uint8Array(width * height).fill(255);
	}

	/** @param matrix from the unit square of the picture, its first row at 1, to dots of the page from the upper left */
	draw(picture: Pixels, [a, b, c, d, e, f]: Matrix): void {
		const area = a * d - b * c;
		if (Math.abs(area) < 1) return;
		const xs = [e, e + a, e + c, e + a + c];
		const ys = [f, f + b, f + d, f + b + d];
		const [left, right] = [
			Math.max(0, Math.floor(Math.min(...xs))),
			Math.min(this.width, Math.ceil(Math.max(...xs))),
		];
		const [top, bottom] = [
			Math.max(0, Math.floor(Math.min(...ys))),
			Math.min(this.height, Math.ceil(Math.max(...ys))),
		];
		const shade = shadeOf(picture);
		const { width, height } = picture;
		for (let y = top; y < bottom; y++) {
			for (let x = left; x < right; x++) {
				const [dx, dy] = [x + 0.5 - e, y + 0.5 - f];
				const u = (dx * d - dy * c) / area;
				const v = (dy * a - dx * b) / area;
				if (u < 0 || u >= 1 || v <= 0 || v > 1) continue;
				const found = shade(Math.floor(u * width), Math.min(Math.floor((1 - v) * height), height - 1));
				if (found >= 0) this.grey[y * this.width + x] = found;
			}
		}
	}

	/** A PGM file (binary, P5). */
	toPgm(): Uint8Array {
		return Buffer.concat([Buffer.from(`P5\n${this.width} ${this.height}\n255\n`), this.grey]);
	}
}

/** The shade of a pixel, 0 to 255; -1 where nothing is painted. */
function shadeOf({ width, depth, data }: Pixels): (x: number, y: number) => number {
	const at = (index: number): number => data[index] ?? 255;
	const rowBytes = (width + 7) >> 3;
	const bit = (x: number, y: number): number => (at(y * rowBytes + (x >> 3)) >> (7 - (x & 7))) & 1;
	const step = depth === 'rgb' ? 3 : 4;
	switch (depth) {
		case 'bits':
			return (x, y) => bit(x, y) * 255;
		case 'mask':
			return (x, y) => (bit(x, y) === 0 ? 0 : -1);
		default:
			// Luma of ITU-R BT.601.
			return (x, y) => {
				const index = (y * width + x) * step;
				return (at(index) * 77 + at(index + 1) * 150 + at(index + 2) * 29) >> 8;
			};
	}
}
