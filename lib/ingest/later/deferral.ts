import type { Embedder } from '../../embedding';

/** Decides in the course of a run whether what is left to embed would take too long; once it does, all that follows is put off. */
export class Deferral {
	private isOn = false;

	/**
	 * @param waitMs how long the run may wait for vectors; undefined: as long as it takes
	 * @param tally how long it has waited already
	 */
	constructor(
		private readonly embedder: Embedder,
		private readonly waitMs: number | undefined,
		private readonly tally: { readonly timings: { readonly embedMs: number } },
	) {}

	/** @param lengths characters of the texts that would be embedded now */
	defers(lengths: readonly number[]): boolean {
		if (this.isOn || this.waitMs === undefined) return this.isOn;
		const characters = lengths.reduce((sum, length) => sum + length, 0);
		const ms = this.embedder.estimateMs?.(characters);
		this.isOn = ms !== undefined && this.tally.timings.embedMs + ms > this.waitMs;
		return this.isOn;
	}
}
