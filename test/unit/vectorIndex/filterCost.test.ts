import { parseFilter } from '../../../lib/vectorIndex/filter/parse';

const ranges = (count: number) => ({
	and: Array.from({ length: count }, (_, at) => ({ [`f${at}`]: { gte: at, lt: at + 10 } })),
});

it('a filter may have twenty ranges, however they are nested', () => {
	expect(() => parseFilter(ranges(20))).not.toThrow();
	expect(() => parseFilter(ranges(21))).toThrow(/more than 20 conditions with gt, gte, lt or lte/);
	expect(() => parseFilter({ not: { or: [ranges(11), { not: ranges(10) }] } })).toThrow(/more than 20/);
});
