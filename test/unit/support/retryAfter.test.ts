import { retryAfterMs } from '../../../lib/support';

test('Retry-After is read as seconds and as a date', () => {
	expect(retryAfterMs('7')).toBe(7_000);
	expect(retryAfterMs('Sat, 21 Nov 2026 10:00:10 GMT', Date.parse('2026-11-21T10:00:00Z'))).toBe(10_000);
	expect(retryAfterMs('soon')).toBeUndefined();
	expect(retryAfterMs(undefined)).toBeUndefined();
});
