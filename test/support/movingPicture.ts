// A moving picture of what a test does in the browser, for the docs.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { screenshots } from './browser';

/** A GIF has at most 256; one of them says "as before". */
const COLOURS = 127;

interface Frame {
	readonly pixels: Uint8Array;
	readonly width: number;
	readonly height: number;
	readonly ms: number;
}

/** Takes pictures of pages of one size and writes them as a GIF; what does not change between two of them takes no room. */
export class MovingPicture {
	private readonly frames: Frame[] = [];

	/** @param ms how long the picture is shown */
	async take(page: Page, ms: number): Promise<void> {
		const { data, width, height } = PNG.sync.read(await page.screenshot({ animations: 'disabled' }));
		this.frames.push({ pixels: new Uint8Array(data), width, height, ms });
	}

	/** Writes `<name>.gif` beside the other pictures. */
	keep(name: string): void {
		const gif = GIFEncoder();
		const all = new Uint8Array(Buffer.concat(this.frames.map(({ pixels }) => pixels)));
		const colours = quantize(all, COLOURS);
		// The palette's last entry is never seen.
		const palette = [...colours, [0, 0, 0]];
		let before: Uint8Array | undefined;
		for (const { pixels, width, height, ms } of this.frames) {
			const index = applyPalette(pixels, colours);
			const last = before;
			const drawn = last ? index.map((colour, at) => (colour === last[at] ? colours.length : colour)) : index;
			gif.writeFrame(drawn, width, height, {
				...{ palette, delay: ms, dispose: 1 },
				...(last && { transparent: true, transparentIndex: colours.length }),
			});
			before = index;
		}
		gif.finish();
		const file = path.join(screenshots, `${name}.gif`);
		mkdirSync(path.dirname(file), { recursive: true });
		writeFileSync(file, gif.bytes());
	}
}
