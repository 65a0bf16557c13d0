import type { JsonValue } from '../../../lib/support';
import { contentOf, differencesOf } from '../ingest/corpus';
import { type Cutter, type Mode, MODES } from './faults';
import { embedder, type Operation, OPERATIONS, type Process } from './operations';

/** A back end whose writes go through a cutter. */
export interface Storage {
	readonly cutter: Cutter;
	/** A place that an operation has prepared; each call resolves to one of its own. */
	prepared(operation: Operation): Promise<Place>;
}

export interface Place {
	/**
	 * Carries out the operation in a process that is killed at its n-th write, before it or (`after`) when it is done. Resolves to false
	 * where it had fewer writes this time.
	 */
	killed(operation: Operation, at: number, after: boolean): Promise<boolean>;
	/** The same process as before, or (`anew`) one that knows nothing of what was. */
	process(anew: boolean): Process;
	/** Brings the place to rest: until a table is tidied, keyword scores count rows that are gone. */
	tidy(): Promise<void>;
	/** How many tables or collections of each kind are there, read past the cutter. */
	parts(): Promise<{ readonly [kind: string]: number }>;
}

/** `npm test -- faults` interrupts every write in every way; otherwise each write is interrupted in one of them. */
const whole = process.env.CUTS === 'whole';

/** Starting a process takes a second: each write is either the last that is done or the first that is not. */
const killsAfter = (at: number): boolean => at % 2 === 0;

/** Every operation, interrupted at every write, is after one more run as if nothing had happened. */
export function survivesCuts(what: string, storage: () => Storage): void {
	describe(`${what}, interrupted at any write`, () => {
		it.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
			'%s is right when it is run again',
			async (_, operation) => {
				const { cutter } = storage();
				const undisturbed = await storage().prepared(operation);
				cutter.set();
				await operation.run(undisturbed.process(false));
				const writes = cutter.writes;
				const expected = await stateOf(undisturbed);
				expect(writes).toBeGreaterThan(0);
				for (let at = 1; at <= writes; at++) {
					for (const mode of whole ? MODES : [MODES[at % MODES.length] ?? 'fail']) {
						const differences = await interrupted(storage(), operation, at, mode, expected);
						expect({ at, mode, differences }).toEqual({ at, mode, differences: [] });
					}
				}
				cuts += writes * (whole ? MODES.length : 1);
			},
		);

		// In the short form one operation shows that it works.
		const toKill = OPERATIONS.filter(({ name }) => whole || name === 'sync of changed documents');
		it.each(toKill.map((operation) => [operation.name, operation] as const))(
			'%s is right when it is run again after its process was killed at a write',
			async (_, operation) => {
				const { cutter } = storage();
				const undisturbed = await storage().prepared(operation);
				cutter.set();
				await operation.run(undisturbed.process(true));
				const { writes } = cutter;
				const expected = await stateOf(undisturbed);
				let killed = 0;
				for (let at = 1; at <= writes; at += whole ? 1 : 4) {
					const place = await storage().prepared(operation);
					if (await place.killed(operation, at, killsAfter(at))) killed++;
					cutter.set();
					const differences = await differencesAfterward(operation, place, true, expected);
					expect({ at, differences }).toEqual({ at, differences: [] });
				}
				// Two writes may come together, but most of them have to be there.
				expect(killed).toBeGreaterThan(writes / (whole ? 2 : 8));
				kills += killed;
			},
		);

		let cuts = 0;
		let kills = 0;
		afterAll(async () => {
			storage().cutter.release();
			await Promise.all(hung);
			process.stdout.write(
				`${what}: ${OPERATIONS.length} operations, ${cuts} interruptions, ${kills} kills\n`,
			);
		});
	});
}

const hung: Array<Promise<void>> = [];

async function interrupted(
	storage: Storage,
	operation: Operation,
	at: number,
	mode: Mode,
	expected: State,
): Promise<string[]> {
	const { cutter } = storage;
	const place = await storage.prepared(operation);
	cutter.set(at, mode);
	const running = operation.run(place.process(false)).then(
		() => undefined,
		() => undefined, // what it fails with is tested elsewhere; here counts what it leaves behind
	);
	if (mode === 'hang') hung.push(running);
	await Promise.race([running, cutter.hanging]);
	cutter.set();
	return await differencesAfterward(operation, place, mode === 'hang', expected);
}

/** Runs the operation again; what is different then from an undisturbed run. */
async function differencesAfterward(
	operation: Operation,
	place: Place,
	anew: boolean,
	expected: State,
): Promise<string[]> {
	try {
		await operation.run(place.process(anew));
	} catch (thrown) {
		const kind: unknown = typeof thrown === 'object' && thrown && 'kind' in thrown ? thrown.kind : undefined;
		if (!operation.done?.some((each) => each === kind)) return [`it failed: ${String(thrown)}`];
	}
	return differenceOf(await stateOf(place), expected);
}

interface State {
	readonly indexes: readonly string[];
	readonly parts: { readonly [kind: string]: number };
	readonly versions: readonly JsonValue[];
	readonly content: Awaited<ReturnType<typeof contentOf>>;
	readonly searches: readonly string[];
}

/** All that a reader can see, and how much is kept. */
async function stateOf(place: Place): Promise<State> {
	const { index, address } = place.process(false);
	await place.tidy();
	const indexes = (await index.listIndexes(address)).filter((name) => name.startsWith(address.name));
	const parts = await place.parts();
	if (indexes.length === 0) {
		const content = { rows: new Map<string, string>(), copies: 0, manifest: new Map<string, JsonValue>() };
		return { indexes: [], parts, versions: [], content, searches: [] };
	}
	const opened = await index.openIndex(address);
	const { model, dimensions } = await opened.settings();
	const vector = await embedder.embedQuery('Valve 2 part 1 closes');
	const searches: string[] = [];
	for (const mode of ['keyword', 'vector', 'hybrid'] as const) {
		const query = { mode, text: 'Valve 2 closes', vector: vector.subarray(0, dimensions), limit: 1_000 };
		for (const { id, score } of await opened.search(query))
			searches.push(`${mode} ${id} ${score.toFixed(4)}`);
	}
	searches.sort(); // equal scores have no order
	const versions = (await index.listVersions(address)).map(({ live, building, settings }) => ({
		...{ live, building: building ?? null, model: settings.model },
	}));
	return {
		indexes: [...indexes.map(() => 'index'), model],
		parts,
		versions,
		content: await contentOf(opened),
		searches,
	};
}

function differenceOf(state: State, expected: State): string[] {
	const differences = differencesOf(state.content, expected.content);
	for (const key of ['indexes', 'parts', 'versions', 'searches'] as const) {
		const [is, should] = [JSON.stringify(state[key]), JSON.stringify(expected[key])];
		if (is !== should) differences.push(`${key}: ${is} and not ${should}`);
	}
	return differences;
}
