/** A property of characters or paragraphs ([MS-DOC] 2.6): what it is, and its value, of long ones the first bytes. */
export interface Property {
	readonly code: number;
	readonly value: number;
}

/** Bytes of a value by the upper three bits of its code; 0: it says so itself. */
const SIZES = [1, 1, 2, 4, 2, 2, 0, 3] as const;
/** The widths of a table's columns, whose size takes two bytes. */
const TABLE_WIDTHS = 0xd608;

/** The properties in a list of them; a damaged end is left out. */
export function propertiesIn(data: Buffer): Property[] {
	const found: Property[] = [];
	for (let at = 0; at + 3 <= data.byteLength; ) {
		const code = data.readUInt16LE(at);
		at += 2;
		let size: number = SIZES[code >> 13] ?? 1;
		if (size === 0) {
			const isWide = code === TABLE_WIDTHS;
			if (at + 2 > data.byteLength) break;
			size = isWide ? data.readUInt16LE(at) - 1 : data.readUInt8(at);
			at += isWide ? 2 : 1;
		}
		if (size < 0 || at + size > data.byteLength) break;
		found.push({ code, value: size === 0 ? 0 : data.readUIntLE(at, Math.min(size, 4)) });
		at += size;
	}
	return found;
}

/** The last value of a property: later ones hold. */
export const valueOf = (properties: readonly Property[], code: number): number | undefined =>
	properties.findLast((property) => property.code === code)?.value;
