/**
 * Tokens of one text, in strides, so that the caller decides how long it holds the thread. `ids`, `starts` and `ends` are parallel
 * and valid up to `length`; `starts` and `ends` are UTF-16 ranges of the text.
 */
export interface TokenScan {
	readonly ids: Int32Array;
	readonly starts: Int32Array;
	readonly ends: Int32Array;
	readonly length: number;
	/**
	 * Reads on. Returns false when the text is at its end.
	 * @param keep append to the tokens already found instead of overwriting them.
	 */
	advance(keep?: boolean): boolean;
}
