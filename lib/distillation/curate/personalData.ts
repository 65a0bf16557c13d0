import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CountryCode } from 'libphonenumber-js/min';
import { DistillationError } from '../errors';
import { withoutPersonalData } from './personalRecord';
import type { Gate } from './types';

export const PERSONAL_DATA = ['iban', 'creditCard', 'email', 'ssn', 'phone', 'ipAddress', 'name'] as const;
export type PersonalDataKind = (typeof PERSONAL_DATA)[number];

export interface PersonalDataOptions {
	/** `redact` (default) puts `[email]` and the like in the place; `drop` rejects the record. */
	readonly action?: 'redact' | 'drop';
	/** Default: all kinds. */
	readonly kinds?: readonly PersonalDataKind[];
	/** Country of phone numbers written without a country code, as ISO 3166 ("DE"). Default "US". */
	readonly country?: string;
}

type Find = (text: string) => string;

/** Card numbers carry a check digit (ISO/IEC 7812, Luhn): without the check every long order number would be one. */
function isCard(digits: string): boolean {
	let sum = 0;
	for (let position = 0; position < digits.length; position++) {
		const digit = digits.charCodeAt(digits.length - 1 - position) - 48;
		const doubled = digit * 2;
		sum += position % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0;
}

/** ISO 13616: the account number with letters as 10–35, country and check digits last, is 1 modulo 97. */
function isIban(text: string): boolean {
	const moved = text.slice(4) + text.slice(0, 4);
	let remainder = 0;
	for (const character of moved) remainder = Number(`${remainder}${Number.parseInt(character, 36)}`) % 97;
	return remainder === 1;
}

const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;
/** Dotted quads of single digits are versions and sections (and two public resolvers). */
const IPV4 =
	/(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\d.]*\d)/g;
const IPV6 =
	/(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=[0-9a-f:]*[0-9a-f]{3})(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4})(?![\w:])/gi;
/** What could hold a phone number at all; the parser behind it is a hundred times slower. */
const SEVEN_DIGITS = /\d(?:[\s()./-]{0,3}\d){6}/;

/**
 * Replaces personal data by its kind in brackets. E-mail addresses, social security numbers and greeted names by
 * `@redactpii/node`, phone numbers of all countries by `libphonenumber-js`, account and card numbers by their check
 * digits. Rules find what has a form; names of people in running text mostly stay (recall: docs/distillation.md).
 */
export async function personalDataFinder(
	options: PersonalDataOptions = {},
): Promise<(text: string) => { readonly text: string; readonly found: readonly PersonalDataKind[] }> {
	const kinds = new Set(options.kinds ?? PERSONAL_DATA);
	const { Redactor } = await import('@redactpii/node');
	await nextTurn();
	const { findPhoneNumbersInText, isSupportedCountry } = await import('libphonenumber-js/min');
	const country = options.country ?? 'US';
	if (!isSupportedCountry(country)) {
		throw new DistillationError(
			'invalidOptions',
			`Personal data: "${country}" is not a country code like "DE" or "US".`,
		);
	}
	const rule = (name: 'EMAIL' | 'SSN' | 'NAME', kind: PersonalDataKind): Find => {
		const redactor = new Redactor({ rules: { [name]: true }, globalReplaceWith: `[${kind}]` });
		return (text) => redactor.redact(text);
	};
	const phones = (text: string, defaultCountry: CountryCode) => {
		if (!SEVEN_DIGITS.test(text)) return text;
		let result = '';
		let end = 0;
		for (const match of findPhoneNumbersInText(text, { defaultCountry })) {
			result += `${text.slice(end, match.startsAt)}[phone]`;
			end = match.endsAt;
		}
		return end === 0 ? text : result + text.slice(end);
	};
	// Numbers with check digits first: parts of them look like phone numbers.
	const finders: { readonly [kind in PersonalDataKind]: Find } = {
		iban: (text) => text.replace(IBAN, (found) => longestIban(found)),
		creditCard: (text) =>
			text.replace(CARD, (found) => (isCard(found.replace(/\D/g, '')) ? '[creditCard]' : found)),
		email: email(rule('EMAIL', 'email')),
		ssn: rule('SSN', 'ssn'),
		phone: (text) => phones(text, country),
		ipAddress: (text) =>
			/[.:]/.test(text)
				? text
						.replace(IPV4, (found) => (/\d\d/.test(found) ? '[ipAddress]' : found))
						.replace(IPV6, '[ipAddress]')
				: text,
		name: rule('NAME', 'name'),
	};
	const wanted = PERSONAL_DATA.filter((kind) => kinds.has(kind));
	return (given) => {
		let text = given;
		const found: PersonalDataKind[] = [];
		for (const kind of wanted) {
			const changed = finders[kind](text);
			if (changed !== text) found.push(kind);
			text = changed;
		}
		return { text, found };
	};
}

/** The library's pattern starts anew at every letter; texts without an @ need not pay for that. */
function email(find: Find): Find {
	return (text) => (text.includes('@') ? find(text) : text);
}

/** The pattern may have taken a capital word behind the number: the longest prefix with right check digits is it. */
function longestIban(found: string): string {
	for (let end = found.length; end >= 15; end--) {
		const compactText = found.slice(0, end).replaceAll(' ', '');
		if (compactText.length >= 15 && isIban(compactText)) return `[iban]${found.slice(end)}`;
	}
	return found;
}

/** Redacts or rejects records with personal data, in any of their fields. */
export async function personalDataGate(options: PersonalDataOptions = {}): Promise<Gate> {
	const find = await personalDataFinder(options);
	const drop = options.action === 'drop';
	return {
		name: 'personalData',
		judge: (record) => {
			const found = new Set<PersonalDataKind>();
			const clean = (text: string): string => {
				const result = find(text);
				for (const kind of result.found) found.add(kind);
				return result.text;
			};
			const cleaned = withoutPersonalData(record, clean);
			if (found.size === 0) return undefined;
			return drop ? { reason: [...found].sort().join('+') } : { record: cleaned };
		},
	};
}
