import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { itemPath } from './itemPath';
import { chosenValue, valueAt } from './values';

/** The form of a node for one operation: its fields as described, and what was typed into them. */
export class NodeForm {
	private readonly fields = new Map<string, INodeProperties>();
	private readonly written = new Map<string, boolean>();
	private readonly paths = new Map<string, readonly string[] | undefined>();

	constructor(
		fields: readonly INodeProperties[],
		private readonly parameters: INodeParameters,
	) {
		for (const field of fields) this.add(field, '');
	}

	private add(field: INodeProperties, before: string): void {
		const name = `${before}${field.name}`;
		this.fields.set(name, field);
		for (const option of field.options ?? []) {
			if ('values' in option) for (const each of option.values) this.add(each, `${name}.${option.name}.`);
			else if ('type' in option) this.add(option, `${name}.`);
		}
	}

	has(name: string): boolean {
		return this.fields.has(name);
	}

	/** The description of a field; of one in a collection by "collection.name". */
	field(name: string): INodeProperties {
		const field = this.fields.get(name);
		if (!field) throw new Error(`The operation has no field "${name}"`);
		return field;
	}

	/** Whether the workflow holds a value for a field in which nothing is an expression: it is the same for every item. */
	isWritten(name: string): boolean {
		const known = this.written.get(name);
		if (known !== undefined) return known;
		const stored = this.stored(name);
		const written = stored !== undefined && !holdsExpression(stored);
		this.written.set(name, written);
		return written;
	}

	/** Where the expression of a field leads, if it is one field of the item and nothing else. */
	itemPath(name: string): readonly string[] | undefined {
		if (!this.paths.has(name)) this.paths.set(name, itemPath(this.stored(name)));
		return this.paths.get(name);
	}

	/** What the workflow holds for a field, an expression as its text. */
	stored(name: string): unknown {
		return valueAt(this.parameters, name);
	}
}

/** A resource locator holds its value in an object, unless n8n has taken it out. */
export const isExpression = (stored: unknown): boolean => {
	const text = chosenValue(stored);
	return typeof text === 'string' && text.startsWith('=');
};

/** Whether a stored value is an expression or has one inside. */
const holdsExpression = (stored: unknown): boolean =>
	typeof stored === 'object' && stored !== null
		? Object.values(stored).some(holdsExpression)
		: isExpression(stored);
