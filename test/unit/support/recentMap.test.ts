import { RecentMap } from '../../../lib/support';

const map = () => new RecentMap<string | null>(10, (value) => value?.length ?? 0);

describe('a map of what was used lately', () => {
	it('lets go of what was not asked for the longest when its bytes are used up', () => {
		const values = map();
		values.set('a', '1234');
		values.set('b', '5678');
		expect(values.get('a')).toBe('1234');
		values.set('c', '9012');
		expect(['a', 'b', 'c'].map((key) => values.get(key))).toEqual(['1234', undefined, '9012']);
	});

	it('counts a value once when it is set anew, and keeps null apart from nothing', () => {
		const values = map();
		for (let i = 0; i < 5; i++) values.set('a', '123456');
		values.set('none', null);
		values.set('b', '1234');
		expect(['a', 'none', 'b', 'other'].map((key) => values.get(key))).toEqual([
			'123456',
			null,
			'1234',
			undefined,
		]);
	});

	it('holds nothing that is larger than all of it, and nothing once it was cleared', () => {
		const values = map();
		values.set('large', '12345678901');
		expect(values.get('large')).toBeUndefined();
		values.set('a', '1');
		values.clear();
		values.set('b', '1234567890');
		expect([values.get('a'), values.get('b')]).toEqual([undefined, '1234567890']);
	});
});
