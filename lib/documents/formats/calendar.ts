import { decodeText } from '../decode';
import type { Parse } from './parse';

/** What is told of an entry, by the names of iCalendar (RFC 5545) and vCard (RFC 6350). */
const FIELDS: ReadonlyMap<string, string> = new Map([
	...([
		['SUMMARY', 'Summary'],
		['FN', 'Name'],
		['ORG', 'Organisation'],
		['TITLE', 'Title'],
		['DTSTART', 'Start'],
		['DTEND', 'End'],
		['DUE', 'Due'],
	] as const),
	...([
		['RRULE', 'Repeats'],
		['LOCATION', 'Location'],
		['STATUS', 'Status'],
		['ORGANIZER', 'Organizer'],
		['ATTENDEE', 'Attendee'],
		['TEL', 'Phone'],
	] as const),
	...([
		['EMAIL', 'E-mail'],
		['ADR', 'Address'],
		['URL', 'URL'],
		['BDAY', 'Birthday'],
		['CATEGORIES', 'Categories'],
		['DESCRIPTION', 'Description'],
	] as const),
	...([
		['COMMENT', 'Comment'],
		['NOTE', 'Note'],
	] as const),
]);
const ENTRIES = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VCARD']);

/** The parser of calendars and address cards (ICS, VCF): each entry a record. */
export function loadCalendar(): Parse {
	return async ({ bytes }, writer) => {
		const { text, warnings } = await decodeText(bytes);
		for (const warning of warnings ?? []) writer.warn(warning);
		let entry: Array<readonly [string, string]> | undefined;
		let within = 0;
		let count = 0;
		for (const { name, parameters, value } of propertiesOf(text)) {
			if (name === 'BEGIN') {
				if (ENTRIES.has(value.toUpperCase())) entry = [];
				else if (entry) within++;
			} else if (name === 'END') {
				if (within > 0) within--;
				else if (entry && ENTRIES.has(value.toUpperCase())) {
					writer.place('record', ++count);
					writer.record(entry);
					entry = undefined;
				}
			} else if (entry && within === 0) {
				const label = FIELDS.get(name);
				if (label !== undefined) entry.push([label, printed(name, parameters, value)]);
			} else if (name === 'X-WR-CALNAME') writer.setTitle(unescaped(value));
		}
		writer.setFact('records', count);
	};
}

interface Property {
	readonly name: string;
	readonly parameters: string;
	readonly value: string;
}

/** The properties of a file; a line that begins with a space goes on with the one before (RFC 5545, 3.1). */
function* propertiesOf(text: string): Generator<Property> {
	for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
		const colon = valueAt(line);
		if (colon === -1) continue;
		const [whole = '', ...parameters] = line.slice(0, colon).split(';');
		// `item1.EMAIL` of vCard
		const name = whole.slice(whole.lastIndexOf('.') + 1).toUpperCase();
		yield { name, parameters: parameters.join(';'), value: line.slice(colon + 1) };
	}
}

/** Position of the colon before the value: one in quotes belongs to a parameter. */
function valueAt(line: string): number {
	let quoted = false;
	for (let at = 0; at < line.length; at++) {
		if (line[at] === '"') quoted = !quoted;
		if (line[at] === ':' && !quoted) return at;
	}
	return -1;
}

function printed(name: string, parameters: string, value: string): string {
	if (name === 'DTSTART' || name === 'DTEND' || name === 'DUE' || name === 'BDAY')
		return dateText(value, parameters);
	if (name === 'ATTENDEE' || name === 'ORGANIZER') {
		const person = /CN="?([^";:]{1,200})/i.exec(parameters)?.[1];
		const mail = value.replace(/^mailto:/i, '');
		return person === undefined || person === mail ? mail : `${person} <${mail}>`;
	}
	const decoded = /quoted-printable/i.test(parameters) ? fromQuotedPrintable(value) : value;
	const parts =
		name === 'ADR' || name === 'ORG' || name === 'N'
			? decoded
					.split(';')
					.filter((part) => part.trim() !== '')
					.join(', ')
			: decoded;
	return unescaped(parts);
}

/** `20260301T093000Z` as 2026-03-01 09:30 UTC. */
function dateText(value: string, parameters: string): string {
	const [, year, month, day, hour, minute, utc] =
		/^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(Z)?)?/.exec(value) ?? [];
	if (year === undefined) return value;
	const zone = utc ? ' UTC' : (/TZID="?([^";:]{1,100})/i.exec(parameters)?.[1] ?? '');
	const date = `${year}-${month}-${day}`;
	return hour === undefined
		? date
		: `${date} ${hour}:${minute}${zone === '' || zone === ' UTC' ? zone : ` ${zone}`}`;
}

const unescaped = (value: string): string =>
	value.replace(/\\([nN,;\\:])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? '\n' : sign)).trim();

function fromQuotedPrintable(value: string): string {
	const bytes = value.replace(/=([\da-f]{2})/gi, (_, code: string) =>
		String.fromCharCode(Number.parseInt(code, 16)),
	);
	return Buffer.from(bytes, 'latin1').toString('utf8');
}
