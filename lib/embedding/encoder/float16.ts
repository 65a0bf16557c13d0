/** A number of IEEE 754 binary16; none of the models' is infinite. */
export function float16(bits: number): number {
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	const size = exponent === 0 ? fraction * 2 ** -24 : 2 ** (exponent - 15) * (1 + fraction / 1024);
	return bits & 0x8000 ? -size : size;
}
