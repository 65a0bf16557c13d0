import type { Point } from '../../../lib/vectorIndex';
import { randomOf } from './data';

/** Words as in a language: few are frequent, most are rare. */
export function rowsFrom(from: number, to: number): Array<Point & { readonly id: string }> {
	return Array.from({ length: to - from }, (_, at) => {
		const random = randomOf(from + at + 1);
		const words = Array.from(
			{ length: 5 + Math.floor(random() * 40) },
			() => `w${Math.floor(Math.exp(random() * Math.log(3_000)))}`,
		);
		return {
			id: `row-${from + at}`,
			source: `source ${(from + at) % 7}`,
			text: `${words.join(' ')} ${(from + at) % 50 === 0 ? '価格表 Übersicht' : ''}`,
		};
	});
}
