// Strict mode, as Qdrant Cloud has it and tighter: everything works within its limits.
import type { IndexAddress } from '../../../lib/vectorIndex';
import { QdrantStandIn } from '../../support/qdrant/server';
import { conforms, conformsInFilters } from './conformance';
import { cloud, keepsWithinLimits, tight } from './strict';

jest.setTimeout(120_000);

const modes = { cloud, few: { ...cloud, filter_max_conditions: 1 }, tight };

const standIns = { cloud: new QdrantStandIn(), few: new QdrantStandIn(), tight: new QdrantStandIn() };
const urls = { cloud: '', few: '', tight: '' };
const kinds = ['cloud', 'few', 'tight'] as const;
let count = 0;

beforeAll(async () => {
	for (const kind of kinds) {
		standIns[kind].strictMode = modes[kind];
		urls[kind] = await standIns[kind].start();
	}
});
afterAll(async () => {
	for (const standIn of Object.values(standIns)) {
		await standIn.stop();
		expect(standIn.violations).toEqual([]);
	}
});

const address = (kind: keyof typeof urls): IndexAddress => ({
	...{ backend: 'qdrant', url: urls[kind], name: `strict-${++count}` },
});

conforms('qdrant in strict mode', async () => address('cloud'));
conformsInFilters('qdrant that allows a filter of one condition', async () => address('few'));

keepsWithinLimits('an index on a Qdrant with tight limits', () => address('tight'));
