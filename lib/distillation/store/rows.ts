import { parseJson, shortened } from '../../support';
import { DistillationError } from '../errors';
import { applyFeedback } from '../feedback';
import { isFeedback, isRecord } from '../record';
import type { ExchangeRecord, Feedback, ScanFilter } from '../types';

/** Rows a scan holds at once. */
export const SCAN_ROWS = 500;

export function recordRow(record: ExchangeRecord): [string, string, string | null, string | null, string] {
	return [
		record.id,
		record.createdAt,
		record.lineage.workflow ?? null,
		record.model ?? null,
		JSON.stringify(record),
	];
}

export function feedbackRow(feedback: Feedback): [string, string, string] {
	if (feedback.id === undefined)
		throw new DistillationError('invalidRecord', 'Feedback has no id: make it with toFeedback.');
	return [feedback.id, feedback.record, JSON.stringify(feedback)];
}

export function filterValues(
	filter: ScanFilter = {},
): [string | null, string | null, string | null, string | null] {
	return [time(filter.since), time(filter.until), filter.workflow ?? null, filter.model ?? null];
}

/** Stored times are ISO in UTC with milliseconds; a filter may come with another offset or as a date alone. */
function time(value: string | undefined): string | null {
	if (value === undefined) return null;
	const date = new Date(value);
	if (Number.isNaN(date.getTime())) {
		throw new DistillationError(
			'invalidOptions',
			`"${value}" is not a time. Write it like 2026-01-31 or 2026-01-31T12:00:00Z.`,
		);
	}
	return date.toISOString();
}

/** A stored row with its feedback joined. */
export function readRow(id: string, body: string, feedback: readonly string[]): ExchangeRecord {
	const record = parseJson(body);
	if (!isRecord(record))
		throw new DistillationError(
			'store',
			`The stored record "${shortened(id, 100)}" cannot be read: it is damaged, or was changed by another program. Delete it with Record → Delete, or restore the database from a backup.`,
		);
	return feedback.length === 0
		? record
		: applyFeedback(record, feedback.map((text): unknown => parseJson(text)).filter(isFeedback));
}
