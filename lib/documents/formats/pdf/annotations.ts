import type { TextRun } from './lines';
import { placeTurned, type Place } from './runs';

/** An annotation as pdf.js gives it, as far as it is read here. */
export interface Annotation {
	readonly subtype?: unknown;
	readonly fieldType?: unknown;
	readonly fieldName?: unknown;
	readonly alternativeText?: unknown;
	readonly fieldValue?: unknown;
	readonly buttonValue?: unknown;
	readonly exportValue?: unknown;
	readonly checkBox?: unknown;
	readonly radioButton?: unknown;
	readonly password?: unknown;
	readonly hidden?: unknown;
	readonly contentsObj?: unknown;
	readonly textContent?: unknown;
	readonly rect?: unknown;
	readonly quadPoints?: unknown;
}

/** Annotations whose words are written for the reader. */
const NOTES = new Set([
	'Text',
	'FreeText',
	'Highlight',
	'Underline',
	'StrikeOut',
	'Squiggly',
	'Stamp',
	'Caret',
	'Ink',
	'Line',
	'Square',
	'Circle',
	'Polygon',
	'PolyLine',
]);

/** The words of notes on a page. */
export function notesOf(annotations: readonly Annotation[]): string[] {
	return annotations.flatMap(({ subtype, contentsObj, textContent, hidden }) => {
		if (typeof subtype !== 'string' || !NOTES.has(subtype) || hidden === true) return [];
		const typed = stringOf((contentsObj as { readonly str?: unknown } | undefined)?.str);
		const drawn = Array.isArray(textContent) ? textContent.map(stringOf).join(' ') : '';
		const text = typed.trim() || drawn.trim();
		return text === '' ? [] : [text];
	});
}

/** Fields of one page that are put behind their labels; for each all runs are looked at. The others follow at the end. */
const MAX_PLACED = 2_000;

/**
 * The page's runs with the values of its form, each behind the label on the same line.
 * @param quarters how the page was turned (`runsOf`)
 */
export function withForm(
	runs: readonly TextRun[],
	annotations: readonly Annotation[],
	quarters = 0,
): TextRun[] {
	const all = [...runs];
	let placed = 0;
	for (const annotation of annotations) {
		const value = valueOf(annotation);
		const stands = rectOf(annotation.rect);
		if (value === undefined || stands === undefined) continue;
		const rect = placeTurned(stands, quarters);
		const at = ++placed > MAX_PLACED ? undefined : placeOf(all, rect);
		const run: TextRun = { text: value, ...rect, endsLine: false };
		if (at === undefined) {
			const label = stringOf(annotation.alternativeText) || stringOf(annotation.fieldName);
			all.push({ ...run, text: label === '' ? value : `${label}: ${value}`, endsLine: true });
			continue;
		}
		const before = all[at];
		if (!before) continue;
		all[at] = { ...before, endsLine: false };
		all.splice(at + 1, 0, { ...run, text: ` ${value}`, endsLine: before.endsLine, isValue: true });
	}
	return all;
}

/** Position of the last run of the line on which the field stands, to its left; of the next to its right for a tick. */
function placeOf(runs: readonly TextRun[], { x, y, height }: Place): number | undefined {
	let best: number | undefined;
	runs.forEach((run, at) => {
		if (run.height === 0 && run.text.trim() === '') return;
		const isOnLine = run.y + run.height > y && run.y < y + height;
		const last = best === undefined ? undefined : runs[best];
		if (isOnLine && run.x <= x && (last === undefined || run.x >= last.x)) best = at;
	});
	return best;
}

function valueOf(annotation: Annotation): string | undefined {
	const { subtype, fieldType, fieldValue, hidden, password } = annotation;
	if (subtype !== 'Widget' || hidden === true || password === true) return undefined;
	if (fieldType === 'Btn') {
		const { checkBox, radioButton, exportValue, buttonValue } = annotation;
		if (checkBox !== true && radioButton !== true) return undefined;
		const own = checkBox === true ? exportValue : buttonValue;
		return fieldValue !== 'Off' && fieldValue !== null && fieldValue === own ? '[x]' : '[ ]';
	}
	const value = Array.isArray(fieldValue) ? fieldValue.map(stringOf).join(', ') : stringOf(fieldValue);
	return value.trim() === '' ? undefined : value.trim();
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function rectOf(rect: unknown): Place | undefined {
	const numbers: unknown[] = Array.isArray(rect) ? rect : [];
	const [left, bottom, right, top] = numbers;
	if (
		typeof left !== 'number' ||
		typeof bottom !== 'number' ||
		typeof right !== 'number' ||
		typeof top !== 'number'
	)
		return undefined;
	return { x: left, y: bottom, width: right - left, height: top - bottom };
}
