import type { INodeProperties } from 'n8n-workflow';
import { InputError } from './errors';
import { shortened } from '../../../lib/support';
import {
	describe,
	entriesOf,
	isNothing,
	toFlag,
	toList,
	toNumber,
	toObject,
	toProse,
	toText,
} from './values';

/** A field as its description says it is, and what it holds for one item. */
export interface Given {
	readonly field: INodeProperties;
	readonly value: unknown;
	/** Whether the value came from an expression: then nothing is a mistake, and not "left empty". */
	readonly isExpression: boolean;
}

/**
 * Reads fields in the type an operation needs. Every reader throws an InputError that names the field by its label: when the
 * value cannot be converted, is out of the field's range, or when an expression gives nothing. A missing value never means
 * "no limit" or "no filter" by accident.
 */
export abstract class FieldValues {
	/** @param name the field's name; with a dot, that of an option ("options.limit") */
	protected abstract given(name: string): Given;

	/** A text that has to be there, without the blanks around it. */
	text(name: string): string {
		return this.optionalText(name) ?? this.missing(name);
	}

	optionalText(name: string): string | undefined {
		return this.convert(name, (value, label) => toText(value, label).trim());
	}

	/** Text for a model or a person, as it stands; objects as JSON. Empty where there is none. */
	prose(name: string): string {
		const { value, field } = this.given(name);
		if (typeof value === 'string' && isNothing(value)) return '';
		return this.convert(name, (given) => toProse(given, labelOf(field))) ?? '';
	}

	/** A text exactly as it was entered, blanks and all; it may be empty. */
	verbatim(name: string): string {
		const { value, field } = this.given(name);
		return value === '' ? '' : (this.convert(name, (given) => toText(given, labelOf(field))) ?? '');
	}

	/** A number, the field's default where it was left empty. */
	number(name: string): number {
		const number = this.optionalNumber(name);
		if (number !== undefined) return number;
		const { field } = this.given(name);
		return typeof field.default === 'number' ? field.default : this.missing(name);
	}

	optionalNumber(name: string): number | undefined {
		return this.convert(name, (value, label, field) => inRange(toNumber(value, label), label, field));
	}

	/** Of a switch that was not added: off. */
	flag(name: string): boolean {
		return this.convert(name, toFlag) ?? false;
	}

	/** As {@link flag}, for a switch whose absence means something else than off. */
	optionalFlag(name: string): boolean | undefined {
		return this.convert(name, toFlag);
	}

	/** One of the field's entries. */
	choice<Choice extends string = string>(name: string): Choice {
		const choice = this.optionalChoice<Choice>(name);
		return choice ?? this.missing(name);
	}

	optionalChoice<Choice extends string = string>(name: string): Choice | undefined {
		const { field, value } = this.given(name);
		// An entry may have an empty value ("None").
		if (value === '' && choicesOf(field).includes('')) return '' as Choice;
		return this.convert(name, (given, label) => oneOf<Choice>(given, label, choicesOf(field)));
	}

	/** Several of the field's entries. */
	choices<Choice extends string>(name: string): Choice[] {
		const { field } = this.given(name);
		const entries = choicesOf(field);
		return (
			this.convert(name, (value, label) =>
				toList(value, label).map((each) => oneOf<Choice>(each, label, entries)),
			) ?? []
		);
	}

	/** An object; undefined where the field was left empty. */
	object(name: string): ReturnType<typeof toObject> | undefined {
		return this.convert(name, toObject);
	}

	/** A list of texts, empty where there is none. */
	list(name: string): string[] {
		return this.convert(name, toList) ?? [];
	}

	/** The entries of a list before they are converted, empty where there is none. */
	entries(name: string): unknown[] {
		return (this.convert(name, entriesOf) ?? []).filter((entry) => !isNothing(entry));
	}

	/** Texts exactly as they were entered, one by one; empty ones are left out. */
	texts(name: string): string[] {
		const texts = this.convert(name, (value, label) =>
			(Array.isArray(value) ? value : [value]).map((each) => toText(each, label)),
		);
		return (texts ?? []).filter((text) => text !== '');
	}

	/** The value as it is, for what converts it itself. */
	raw(name: string): unknown {
		return this.given(name).value;
	}

	/** The label of a field, for sentences about it. */
	label(name: string): string {
		return labelOf(this.given(name).field);
	}

	protected convert<T>(
		name: string,
		to: (value: unknown, label: string, field: INodeProperties) => T,
	): T | undefined {
		const { value, field, isExpression } = this.given(name);
		const label = labelOf(field);
		if (!isNothing(value)) return to(value, label, field);
		return isExpression ? this.noValue(field, value) : undefined;
	}

	protected noValue(field: INodeProperties, value: unknown): never {
		throw new InputError(
			`"${labelOf(field)}" has no value: its expression gives ${describe(value)}. Correct the expression, or make sure that every item has the field it reads.`,
		);
	}

	protected missing(name: string): never {
		throw new InputError(`"${this.label(name)}" is empty. Fill it in.`);
	}
}

export const labelOf = ({ displayName }: INodeProperties): string => displayName;

const choicesOf = ({ options = [] }: INodeProperties): string[] =>
	options.flatMap((option) => ('value' in option ? [String(option.value)] : []));

function oneOf<Choice extends string>(value: unknown, label: string, choices: readonly string[]): Choice {
	const text = toText(value, label).trim();
	// A list that the editor loads (engines, models) is checked by what uses it.
	if (choices.length === 0 || choices.includes(text)) return text as Choice;
	const known = choices.filter((choice) => choice !== '').join(', ');
	throw new InputError(`"${label}" has no entry "${shortened(text, 60)}". Use one of these: ${known}.`);
}

function inRange(value: number, label: string, { typeOptions = {} }: INodeProperties): number {
	const { minValue, maxValue, numberPrecision = 0 } = typeOptions;
	const whole = numberPrecision === 0;
	const low = minValue !== undefined && value < minValue;
	const high = maxValue !== undefined && value > maxValue;
	if (!low && !high && (!whole || Number.isInteger(value))) return value;
	const kind = whole ? 'a whole number' : 'a number';
	const range =
		minValue === undefined
			? maxValue === undefined
				? ''
				: ` of at most ${maxValue}`
			: maxValue === undefined
				? ` of at least ${minValue}`
				: ` from ${minValue} to ${maxValue}`;
	throw new InputError(`"${label}" should be ${kind}${range}, but is ${value}. Change it.`);
}
