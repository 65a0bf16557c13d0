import { posix } from 'node:path';
import type { DocumentWriter } from '../writer';
import { attributeOf, childrenOf, elementsOf, textIn, type ReadXml, type XmlElement } from '../xml';
import type { ZipParts } from '../zipParts';

interface Relations {
	readonly byId: ReadonlyMap<string, string>;
	readonly byType: ReadonlyMap<string, readonly string[]>;
}

/** An Office file: parts that refer to each other (ECMA-376, part 2). */
export class OfficePackage {
	constructor(
		private readonly zip: ZipParts,
		readonly readXml: ReadXml,
	) {}

	/** Text of a part. */
	text(name: string): string | undefined {
		return this.zip.text(name);
	}

	/** Root element of a part. */
	xml(name: string): XmlElement | undefined {
		const text = this.zip.text(name);
		return text === undefined ? undefined : elementsOf(this.readXml(text))[0];
	}

	/** Name of the part that holds the document. */
	mainPart(): string | undefined {
		return this.targets('', 'officeDocument')[0];
	}

	/** Parts that a part refers to, by the end of the relationship's type. */
	targets(part: string, type: string): readonly string[] {
		return this.relations(part).byType.get(type) ?? [];
	}

	/** The part that a part refers to under an id. */
	target(part: string, id: string | undefined): string | undefined {
		return id === undefined ? undefined : this.relations(part).byId.get(id);
	}

	private readonly known = new Map<string, Relations>();

	private relations(part: string): Relations {
		const known = this.known.get(part);
		if (known) return known;
		const folder = posix.dirname(part);
		const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
		const found = { byId: new Map<string, string>(), byType: new Map<string, string[]>() };
		for (const { attributes } of childrenOf(this.xml(name), 'Relationship')) {
			const { Id = '', Type = '', Target = '', TargetMode } = attributes;
			if (TargetMode === 'External') continue;
			const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
			const type = Type.slice(Type.lastIndexOf('/') + 1);
			if (!found.byId.has(Id)) found.byId.set(Id, target);
			const ofType = found.byType.get(type);
			if (ofType) ofType.push(target);
			else found.byType.set(type, [target]);
		}
		this.known.set(part, found);
		return found;
	}

	/** Title, author and dates. */
	writeProperties(writer: DocumentWriter): void {
		const [part = 'docProps/core.xml'] = this.targets('', 'core-properties');
		const properties = this.xml(part);
		const value = (name: string): string => {
			const element = properties && childrenOf(properties, name)[0];
			return element ? textIn(element).trim() : '';
		};
		writer.setTitle(value('title'));
		writer.setFact('author', value('creator'));
		writer.setFact('created', value('created').slice(0, 10));
		writer.setFact('modified', value('modified').slice(0, 10));
	}
}

/** The value of an on/off element (`<w:b/>`, `<w:b w:val="0"/>`). */
export function isOn(element: XmlElement | undefined): boolean {
	if (!element) return false;
	const value = attributeOf(element, 'val');
	return value === undefined || !['0', 'false', 'off', 'none'].includes(value);
}
