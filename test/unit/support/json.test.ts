import {
	asArray,
	asNumber,
	asObject,
	asString,
	compact,
	isJson,
	isJsonObject,
	isObject,
	jsonCopy,
	parseJson,
	readJson,
	stableJson,
} from '../../../lib/support';

test('an object is neither null nor a list', () => {
	expect([{}, { a: 1 }, new Date()].map(isObject)).toEqual([true, true, true]);
	expect([null, [], 'a', 1, undefined, () => 0].map(isObject)).toEqual(Array(6).fill(false));
});

test('values of another kind than asked for are not there', () => {
	expect(asObject([1])).toBeUndefined();
	expect(asArray({ length: 1 })).toEqual([]);
	expect(asString(1)).toBeUndefined();
	expect(asNumber('1')).toBeUndefined();
	expect(asNumber(Number.NaN)).toBeUndefined();
	expect(asNumber(0)).toBe(0);
});

test('JSON holds finite numbers, texts, lists and objects of such, and nothing else', () => {
	expect(isJson({ a: [1, null, { b: 'x', c: undefined }] })).toBe(true);
	expect([Number.NaN, Infinity, 1n, () => 0, undefined, { a: [1n] }].map(isJson)).toEqual(
		Array(6).fill(false),
	);
	expect([{ a: 1 }, [], 'a'].map(isJsonObject)).toEqual([true, false, false]);
});

test('text that is not JSON parses to undefined; what we wrote ourselves must be JSON', () => {
	expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
	expect(parseJson('null')).toBeNull();
	expect(parseJson('{"a":')).toBeUndefined();
	expect(readJson('[1]')).toEqual([1]);
	expect(() => readJson('{"a":')).toThrow(SyntaxError);
});

describe('stable JSON', () => {
	test('is the same text whatever order the value was built in', () => {
		const one = { b: 1, a: { d: [{ y: 1, x: 2 }], c: null } };
		const other = { a: { c: null, d: [{ x: 2, y: 1 }] }, b: 1 };
		expect(stableJson(one)).toBe('{"a":{"c":null,"d":[{"x":2,"y":1}]},"b":1}');
		expect(stableJson(other)).toBe(stableJson(one));
	});

	test('keeps the order of lists', () => {
		expect(stableJson([2, 1])).not.toBe(stableJson([1, 2]));
	});

	test('leaves out what JSON leaves out, and is text for what is nothing in JSON', () => {
		expect(stableJson({ a: undefined, b: () => 0, c: 1 })).toBe('{"c":1}');
		expect(stableJson(undefined)).toBe('null');
	});

	test('keeps a property named __proto__', () => {
		expect(stableJson(parseJson('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
	});
});

test('a copy has no undefined properties; as JSON it has text for dates', () => {
	const value = { a: undefined, b: 0, c: null };
	expect(Object.keys(compact(value))).toEqual(['b', 'c']);
	expect(Object.keys(value)).toContain('a');
	expect(jsonCopy({ at: new Date(0), gone: undefined })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});
