import type { IBinaryData, IBinaryKeyData, IDataObject } from 'n8n-workflow';
import type { NodeContext } from './context';
import { InputError } from './errors';
import { evaluate } from './expressions';
import { FieldValues, type Given, labelOf } from './fieldValues';
import { plainAt } from './itemPath';
import { checkNesting } from './nesting';
import { isExpression, type NodeForm } from './nodeForm';
import { chosenValue, describe, isNothing, toProse, toText, toTime, valueAt } from './values';

/** An input item as an operation sees it: what the node's fields say for it, its data, its files. */
export class NodeItem extends FieldValues {
	constructor(
		readonly context: NodeContext,
		private readonly form: NodeForm,
		readonly index: number,
		/** Aborts when the execution is cancelled, or when another item has failed and the node stops. */
		readonly signal: AbortSignal | undefined = context.getExecutionCancelSignal(),
		/** Whether `$json` of an expression is this item: that of a tool and of a sub-node may be another one. */
		private readonly seesItem = false,
	) {
		super();
	}

	private checked = false;

	/** @throws InputError when it is nested so deep that writing it down would fail */
	get json(): IDataObject {
		this.checkNesting();
		return this.context.getInputData()[this.index]?.json ?? {};
	}

	private checkNesting(): void {
		if (!this.checked) checkNesting(this.context, this.index);
		this.checked = true;
	}

	get binary(): IBinaryKeyData {
		return this.context.getInputData()[this.index]?.binary ?? {};
	}

	/** Whether the operation has this field at all: nodes share readers, not all fields. */
	hasField(name: string): boolean {
		return this.form.has(name);
	}

	/** Whether an option was added to the node. */
	isSet(name: string): boolean {
		return this.form.stored(name) !== undefined;
	}

	/** Whether a field holds what was entered in the node, not an expression. */
	isWritten(name: string): boolean {
		return this.form.isWritten(name);
	}

	/** A time, in milliseconds since 1970; without a zone of its own it is one of the workflow's. */
	optionalTime(name: string): number | undefined {
		return this.convert(name, (value, label) => toTime(value, label, this.context.getTimezone()));
	}

	/** The rows of a list of fields ("classes.values"), each read like an item's fields. */
	rows(name: string): FieldValues[] {
		const stored = this.form.stored(name);
		if (stored === undefined) return [];
		const rows = this.evaluated(name, stored);
		if (!Array.isArray(rows)) {
			const [field = name] = name.split('.');
			throw new InputError(`"${this.label(field)}" should be a list, but is ${describe(rows)}.`);
		}
		return rows.map((row, position) => new Row(this.form, name, row, valueAt(stored, String(position))));
	}

	/**
	 * What a field that names another field leads to: the value at that path of the item. An expression gives the value
	 * itself, so that several fields can be put together, a field can be dragged in, and a model can fill it as a tool. An
	 * option that was not added leads where its default does.
	 *
	 * @throws InputError for an expression that gives nothing; an empty text is a value
	 */
	pointed(name: string): unknown {
		const { value, isExpression, field } = this.given(name);
		// A tool's form has the value itself in place of a field's name.
		if (isExpression || field.requiresDataPath === undefined) return value ?? this.noValue(field, value);
		const path = value ?? field.default;
		return isNothing(path) ? undefined : valueAt(this.json, toText(path, labelOf(field)).trim());
	}

	/** The text a field points to (see {@link pointed}). @throws InputError when it is missing, empty or too long */
	pointedText(name: string, { fallback, maxLength }: PointedText = {}): string {
		let value = this.pointed(name);
		if (isNothing(value) && fallback !== undefined && this.isDefault(name))
			value = fallback(this.json) ?? value;
		if (typeof value === 'string' && isNothing(value))
			throw new InputError(
				`The ${this.pointedThing(name)} of item ${this.index + 1} is empty ("${this.label(name)}"). ${this.sendIt(name)}`,
			);
		if (isNothing(value)) throw new InputError(`${this.where(name, value)} ${this.sendIt(name)}`);
		const text = toProse(value, this.label(name));
		if (maxLength !== undefined && text.length > maxLength) {
			throw new InputError(
				`"${this.label(name)}" is ${text.length} characters long; at most ${maxLength} are accepted. Shorten it.`,
			);
		}
		return text;
	}

	/** The name or ID a field points to; numbers count as text, lists and objects are refused. */
	pointedName(name: string): string {
		const value = this.pointed(name);
		if (isNothing(value)) throw new InputError(`${this.where(name, value)} ${this.sendIt(name)}`);
		return toText(value, this.label(name)).trim();
	}

	/** As {@link pointedName}, undefined where there is nothing. */
	optionalPointedName(name: string): string | undefined {
		const value = this.pointed(name);
		return isNothing(value) ? undefined : toText(value, this.label(name)).trim();
	}

	/** The item's data without what a field leads to, for results that would repeat it many times. */
	jsonWithout(name: string): IDataObject {
		const { value, isExpression, field } = this.given(name);
		const path = value ?? field.default;
		if (isExpression || typeof path !== 'string') return this.json;
		return without(this.json, Object.hasOwn(this.json, path) ? [path] : path.split('.'));
	}

	/** A binary field of the item. @throws InputError that names those it has */
	file(field: string): IBinaryData {
		const file = this.binary[field];
		if (file) return file;
		const names = Object.keys(this.binary);
		throw new InputError(
			names.length === 0
				? `The item has no file in the field "${field}", and no other files. Connect a node that gives one.`
				: `The item has no file in the field "${field}". It has files in: ${names.join(', ')}.`,
		);
	}

	/** Says where a pointed value was looked for and what is there, for the beginning of an error. */
	where(name: string, value: unknown): string {
		const { value: stored, isExpression, field } = this.given(name);
		const path = stored ?? field.default;
		const label = this.label(name);
		return isExpression
			? `"${label}" has no value for item ${this.index + 1}: its expression gives ${describe(value)}.`
			: `"${label}" is missing: the field "${typeof path === 'string' ? path : label}" of item ${this.index + 1} holds ${describe(value)}.`;
	}

	/** "question" of a field "Question Field". */
	private pointedThing(name: string): string {
		return this.label(name)
			.replace(/ Field$/, '')
			.toLowerCase();
	}

	private isDefault(name: string): boolean {
		const { value, field } = this.given(name);
		return (value ?? field.default) === field.default;
	}

	private sendIt(name: string): string {
		return this.given(name).isExpression
			? 'Correct the expression.'
			: 'Send it, or enter another field name or an expression.';
	}

	private readonly known = new Map<string, Given>();

	/** Evaluated once for an item: an expression costs n8n more than all else that is done for it. */
	protected given(name: string): Given {
		const known = this.known.get(name) ?? this.read(name);
		this.known.set(name, known);
		return known;
	}

	private read(name: string): Given {
		const field = this.form.field(name);
		const stored = this.form.stored(name);
		if (stored === undefined) {
			// n8n stores the defaults of the fields it shows; an option that was not added means nothing.
			return {
				field,
				value: name.includes('.') ? undefined : chosenValue(field.default),
				isExpression: false,
			};
		}
		return {
			field,
			value: chosenValue(this.evaluated(name, stored, null)),
			isExpression: isExpression(stored),
		};
	}

	/**
	 * What n8n makes of a field; what holds no expression is not given to it. The item is looked at before an expression is: n8n needs
	 * seconds of its event loop for one that leads to something nested thousands of levels deep, and anybody can send that to a webhook.
	 */
	private evaluated(name: string, stored: unknown, fallback?: null): unknown {
		if (this.form.isWritten(name)) return stored;
		this.checkNesting();
		const path = this.seesItem ? this.form.itemPath(name) : undefined;
		const plain = path && plainAt(this.json, path);
		if (plain !== undefined) return plain;
		const [group = name] = name.split('.');
		const field = this.form.field(this.form.has(name) ? name : group);
		return evaluate(labelOf(field), () =>
			fallback === undefined
				? this.context.getNodeParameter(name, this.index)
				: this.context.getNodeParameter(name, this.index, fallback),
		);
	}
}

interface PointedText {
	/** Where else to look when the field was left at its default and that leads to nothing. */
	readonly fallback?: (json: IDataObject) => unknown;
	readonly maxLength?: number;
}

/** One entry of a list of fields. */
class Row extends FieldValues {
	constructor(
		private readonly form: NodeForm,
		private readonly path: string,
		private readonly row: unknown,
		private readonly stored: unknown,
	) {
		super();
	}

	protected given(name: string): Given {
		const field = this.form.field(`${this.path}.${name}`);
		const stored = valueAt(this.stored, name);
		const value = valueAt(this.row, name);
		return {
			field,
			value: stored === undefined && value === undefined ? field.default : value,
			isExpression: isExpression(stored),
		};
	}
}

function without(json: IDataObject, [key = '', ...deeper]: readonly string[]): IDataObject {
	const { [key]: value, ...rest } = json;
	if (deeper.length === 0 || typeof value !== 'object' || value === null) return rest;
	return { ...rest, [key]: without(value as IDataObject, deeper) };
}
