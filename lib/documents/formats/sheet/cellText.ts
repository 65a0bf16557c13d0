import type { CellObject } from '@e965/xlsx';

/**
 * What a cell holds, never rounded: a number as the file has it with its percent or currency sign, a date as ISO 8601 has it,
 * a formula by the value stored with it.
 */
export function cellText(cell: CellObject, isDate: (format: string) => boolean, epoch1904: boolean): string {
	const { t, v, z, w, f } = cell;
	if (v === undefined || v === null || t === 'z') return f === undefined ? '' : `=${f}`;
	if (t === 'b') return v === true ? 'TRUE' : 'FALSE';
	if (t === 'e') return w ?? '#ERROR';
	if (v instanceof Date) return v.toISOString().slice(0, 10);
	if (typeof v !== 'number') return String(v);
	const format = typeof z === 'string' ? z : '';
	if (format !== '' && isDate(format)) return dateText(v, format, epoch1904);
	if (format.includes('%')) return `${shifted(v)}%`;
	const number = plainNumber(v);
	const currency = /\p{Sc}/u.exec(w ?? format)?.[0];
	if (currency === undefined) return number;
	return w?.trimStart().startsWith(currency) === true ? `${currency}${number}` : `${number} ${currency}`;
}

/** A number without an exponent where it can do without. */
export function plainNumber(value: number): string {
	const text = String(value);
	if (!text.includes('e')) return text;
	return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : text;
}

/** Hundred times the number, without the noise of binary fractions. */
function shifted(value: number): string {
	return plainNumber(Number(`${value}e2`) || value * 100);
}

const DAY_MS = 86_400_000;
/** Days from 1899-12-30, Excel's day 0 from March 1900 on, to 1970-01-01; and from 1904-01-01. */
const EPOCH_DAYS = { 1900: 25_569, 1904: 24_107 };

function dateText(days: number, format: string, epoch1904: boolean): string {
	const letters = lettersOf(format);
	const hasDate = /[yd]/i.test(letters);
	const hasTime = /[hs]/i.test(letters) || /\[[hms]/i.test(format);
	// 1900 was no leap year, which Excel does not know.
	const day = !epoch1904 && days > 0 && days < 60 ? days + 1 : days;
	const seconds = Math.round((day - EPOCH_DAYS[epoch1904 ? 1904 : 1900]) * (DAY_MS / 1000));
	const date = new Date(seconds * 1000);
	if (Number.isNaN(date.getTime())) return plainNumber(days);
	const [iso = '', time = ''] = date.toISOString().split(/[T.]/);
	if (!hasDate && hasTime) {
		if (days >= 1 || /\[h/i.test(format)) return durationText(Math.round(days * 86_400));
		return time.replace(/:00$/, '');
	}
	const clock = time.replace(/:00$/, '');
	return hasTime && clock !== '00:00' ? `${iso} ${clock}` : iso;
}

/** A number format without what stands in quotes or brackets. */
const lettersOf = (format: string): string =>
	format
		.split('"')
		.filter((_, at) => at % 2 === 0)
		.join('')
		.split('[')
		.map((part) => part.slice(part.indexOf(']') + 1))
		.join('');

/** Hours, minutes and seconds of a time that may be longer than a day. */
function durationText(seconds: number): string {
	const two = (value: number): string => String(value).padStart(2, '0');
	const rest = seconds % 60;
	return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
}
