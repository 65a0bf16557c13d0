import { parseFilter } from '../../../lib/vectorIndex/filter/parse';
import { preparePoint } from '../../../lib/vectorIndex/point';
import { toQdrant } from '../../../lib/vectorIndex/qdrant/filter';
import { toPoint } from '../../../lib/vectorIndex/qdrant/payload';
import { matches as meets } from '../../support/qdrant/filter';
import { asObject, type Json } from '../../support/qdrant/values';
import { randomOf } from './data';
import { matches } from './oracle';
import { randomFilter, randomRow } from './random';

it('filters for Qdrant mean what the filter language says, 10,000 times', () => {
	const random = randomOf(23);
	const rows = Array.from({ length: 30 }, (_, i) => {
		const row = randomRow(i, random);
		const { payload } = toPoint(preparePoint(row, { dimensions: 4, fingerprint: 'f' }));
		return {
			row,
			stored: { id: i, payload: asObject(payload as Json), vectors: new Map<string, unknown>() },
		};
	});
	for (let i = 0; i < 10_000; i++) {
		const filter = randomFilter(random, 3);
		const node = parseFilter(filter);
		// A filter of no row is never sent: `should: []` fits every row.
		const nothing = node.op === 'or' && node.nodes.length === 0;
		const translated = toQdrant(node) as Json;
		for (const { row, stored } of rows) {
			const expected = matches(row, filter);
			const got = !nothing && meets(stored, translated);
			if (got !== expected) expect({ filter, row, got }).toEqual({ filter, row, got: expected });
		}
	}
});
