import { propertiesIn, type Property } from './properties';

interface Style {
	/** What Word knows it as: 1–9 are headings, 62 is the title. */
	readonly built: number;
	readonly base: number;
	readonly properties: readonly Property[];
}

/** Styles that build on one another. */
const MAX_DEPTH = 10;
const TITLE = 62;
const PARAGRAPH_STYLE = 1;

/** The styles of a file ([MS-DOC] 2.9.271). */
export class WordStyles {
	private readonly styles: Array<Style | undefined> = [];

	constructor(table: Buffer) {
		if (table.byteLength < 6) return;
		const headSize = table.readUInt16LE(0);
		const [count, baseSize] = [table.readUInt16LE(2), table.readUInt16LE(4)];
		let at = 2 + headSize;
		for (let style = 0; style < count && at + 2 <= table.byteLength; style++) {
			const size = table.readUInt16LE(at);
			this.styles.push(styleIn(table.subarray(at + 2, at + 2 + size), baseSize));
			at += 2 + size;
		}
	}

	/** The level of a heading, from 1; undefined for other text. */
	levelOf(style: number): number | undefined {
		for (const { built } of this.chain(style)) {
			if (built === TITLE) return 1;
			if (built >= 1 && built <= 9) return built;
		}
		return undefined;
	}

	/** Properties of a style, those of what it builds on first. */
	propertiesOf(style: number): Property[] {
		return this.chain(style)
			.reverse()
			.flatMap(({ properties }) => properties);
	}

	private chain(style: number): Style[] {
		const chain: Style[] = [];
		for (let each = this.styles[style]; each && chain.length < MAX_DEPTH; each = this.styles[each.base])
			chain.push(each);
		return chain;
	}
}

function styleIn(data: Buffer, baseSize: number): Style | undefined {
	if (data.byteLength < baseSize + 2 || baseSize < 10) return undefined;
	const second = data.readUInt16LE(2);
	const name = data.readUInt16LE(baseSize);
	// Its name ends with a zero; what follows begins at an even place.
	const at = baseSize + 2 + (name + 1) * 2;
	const hasParagraph = (second & 0xf) === PARAGRAPH_STYLE && at + 4 <= data.byteLength;
	const size = hasParagraph ? data.readUInt16LE(at) : 0;
	return {
		built: data.readUInt16LE(0) & 0xfff,
		base: second >> 4,
		properties: size > 2 ? propertiesIn(data.subarray(at + 4, at + 2 + size)) : [],
	};
}
