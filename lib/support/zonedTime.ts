const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a time zone show, field by field. */
function formatOf(zone: string): Intl.DateTimeFormat {
	const format =
		formats.get(zone) ??
		new Intl.DateTimeFormat('en-US', {
			...{ timeZone: zone, calendar: 'iso8601', hourCycle: 'h23' },
			...{ year: 'numeric', month: 'numeric', day: 'numeric' },
			...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
		});
	formats.set(zone, format);
	return format;
}

/** Milliseconds by which the clocks of a zone are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
	const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
	for (const { type, value } of formatOf(zone).formatToParts(instant)) shown[type] = Number(value);
	const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
	return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

/**
 * The instant at which clocks of a zone show a time. An hour that is there twice, when summer time ends, is the first or the second of
 * both; one that is left out is moved by the hour that is missing.
 *
 * @param shown the time as if it were UTC, milliseconds since 1970
 * @param zone IANA name, such as Europe/Berlin
 * @throws RangeError for an unknown zone
 * @example instantInZone(Date.parse('2024-05-02T00:00Z'), 'Europe/Berlin') // 2024-05-01T22:00Z
 */
export function instantInZone(shown: number, zone: string): number {
	// The offset at the wrong instant is right but near a change of the clocks: hence twice.
	const near = shown - offsetAt(shown, zone);
	return shown - offsetAt(near, zone);
}
