// Whoever adds an operation that writes adds it to the list that is interrupted.
import * as ingest from '../../../lib/ingest';
import * as index from '../../../lib/vectorIndex';
import { EmbeddedIndex } from '../../../lib/vectorIndex/embedded/embeddedIndex';
import { QdrantIndex } from '../../../lib/vectorIndex/qdrant/qdrantIndex';
import { OPERATIONS } from './operations';

/** What writes, by the operation of the list that covers it where the name is another. */
const WRITES: { readonly [name: string]: string } = {
	createIndex: 'createIndex',
	createVersion: 'createVersion and switchVersion',
	switchVersion: 'createVersion and switchVersion',
	dropIndex: 'dropIndex',
	restoreIndex: 'restoreIndex',
	moveIndex: 'moveIndex',
	upsert: 'upsert',
	upsertRows: 'upsert',
	upsertTexts: 'upsert',
	delete: 'delete',
	drop: 'dropIndex',
	tune: 'tune',
	manifest: 'manifest.put and manifest.delete',
	assertIndexSpace: 'assertIndexSpace',
	deleteDocuments: 'deleteDocuments',
	deletePoints: 'deletePoints',
	migrate: 'migrate',
	transfer: 'transfer',
	rollBack: 'rollBack',
	sync: 'sync',
	syncAll: 'sync',
	syncInProcess: 'sync',
	finishVectors: 'finishVectors',
	pending: 'finishVectors',
	findChanges: 'deleteDocuments',
};

const READS = [
	...[
		'noIndex',
		'tuningChart',
		'defaultVectorWeight',
		'describeIndexes',
		'listIndexes',
		'listVersions',
		'openIndex',
	],
	...['exportRows', 'idOfContent', 'snapshotIndex', 'checkDrift', 'incomplete', 'throwIfCancelled'],
	...[
		'inspectDocument',
		'listDocuments',
		'normalSource',
		'scoreNotice',
		'scoresOf',
		'serversOf',
		'tuningPage',
		'withOtherTypes',
		'withVectors',
	],
	...['vectorState', 'info', 'settings', 'search', 'searchMany', 'get', 'scan', 'count', 'tally', 'close'],
];

const isOwn = (value: unknown): boolean => typeof value === 'function' && !/^[A-Z]/.test(value.name);

/** Functions that the modules export, and public methods of an index: those of its interface. */
function everything(): string[] {
	const functions = [index, ingest].flatMap((module) =>
		Object.entries(module).flatMap(([name, value]) => (isOwn(value) ? [name] : [])),
	);
	const methods = [EmbeddedIndex, QdrantIndex].map((made) => Object.getOwnPropertyNames(made.prototype));
	const shared = methods[0]?.filter((name) => methods[1]?.includes(name)) ?? [];
	// What both keep to themselves is no operation.
	const own = ['constructor', 'run', 'current'];
	return [...new Set([...functions, ...shared.filter((name) => !own.includes(name))])].sort();
}

it('every function that an index or a document can be changed by is in the list of operations', () => {
	const known = new Set([...Object.keys(WRITES), ...READS]);
	expect(everything().filter((name) => !known.has(name))).toEqual([]);
	const listed = OPERATIONS.map(({ name }) => name);
	expect(Object.values(WRITES).filter((name) => !listed.includes(name))).toEqual([]);
});

it('finds a function that nobody listed', () => {
	expect(everything()).toEqual(expect.arrayContaining(['createIndex', 'migrate', 'upsert', 'tally']));
});
