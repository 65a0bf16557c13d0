import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../support';
import type { ManifestStore } from '../vectorIndex';
import { IngestError } from './errors';

/*
 * Two migrations of one index at once would each copy what the other one replaces, and the last to switch would throw away what was
 * stored since the first. Whoever migrates leaves a row in the live version's manifest and renews it; the row of a process that died
 * is taken over.
 */

const KEY = 'migration:running';
/** Milliseconds after which the row of a process counts for nothing unless it was renewed. */
const LEASE_MS = 20_000;
const RENEW_MS = 5_000;
const POLL_MS = 500;
/** Two that take it at the same moment both write; the one whose row stays has it. */
const SETTLE_MS = 100;

/** Names this process among those that had the same number before. */
const PROCESS = randomUUID();
/** Leases held in this process. */
const held = new Set<string>();

interface Row {
	readonly owner: string;
	readonly host: string;
	readonly pid: number;
	readonly process: string;
	readonly until: number;
}

/**
 * Does some work while nobody else does it on this version of the index.
 * @param work its signal fires when the lease was lost
 * @throws IngestError `migration` when another process is at it
 */
export async function alone<T>(
	name: string,
	manifest: ManifestStore,
	signal: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const owner = randomUUID();
	const lost = new AbortController();
	const renew = async (): Promise<void> => await manifest.put(new Map([[KEY, rowOf(owner)]]));
	await waitForOthers(name, manifest, signal);
	held.add(owner);
	let timer: NodeJS.Timeout | undefined;
	try {
		await renew();
		await sleep(SETTLE_MS, undefined, { signal });
		if ((await read(manifest))?.owner !== owner) throw busy(name);
		timer = setInterval(() => {
			void read(manifest)
				.then(async (row) => {
					if (row?.owner === owner) await renew();
					else lost.abort(busy(name));
				})
				// Storage that fails for a moment is noticed by the work itself.
				.catch(() => undefined);
		}, RENEW_MS).unref();
		return await work(AbortSignal.any([signal, lost.signal]));
	} finally {
		clearInterval(timer);
		held.delete(owner);
		const row = await read(manifest).catch(() => undefined);
		// A row that stays is taken over: its owner is no longer among those held.
		if (row?.owner === owner) await manifest.delete([KEY]).catch(() => undefined);
	}
}

/** Whether somebody has it, or had it when it died. */
export async function isTaken(manifest: ManifestStore): Promise<boolean> {
	return (await manifest.get([KEY])).has(KEY);
}

/** Waits for a row to be renewed, which shows that its process lives, or to run out. */
async function waitForOthers(name: string, manifest: ManifestStore, signal: AbortSignal): Promise<void> {
	const first = await read(manifest);
	for (let row = first; row !== undefined && isValid(row); row = await read(manifest)) {
		const renewed = row.until !== first?.until;
		if (renewed || (row.process === PROCESS && held.has(row.owner))) throw busy(name);
		await sleep(POLL_MS, undefined, { signal });
	}
}

function isValid({ host, pid, process: of, owner, until }: Row): boolean {
	if (until < Date.now()) return false;
	if (of === PROCESS) return held.has(owner);
	return host !== hostname() || (pid !== process.pid && isAlive(pid));
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (thrown) {
		// Of another user.
		return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
	}
}

const rowOf = (owner: string): { [key: string]: string | number } => ({
	...{ owner, host: hostname(), pid: process.pid, process: PROCESS },
	until: Date.now() + LEASE_MS,
});

async function read(manifest: ManifestStore): Promise<Row | undefined> {
	const row = (await manifest.get([KEY])).get(KEY);
	if (!isObject(row)) return undefined;
	const { owner, host, pid, process: of, until } = row;
	return typeof owner === 'string' &&
		typeof host === 'string' &&
		typeof pid === 'number' &&
		typeof of === 'string' &&
		typeof until === 'number'
		? { owner, host, pid, process: of, until }
		: undefined;
}

const busy = (name: string): IngestError =>
	new IngestError(
		'migration',
		`The index "${name}" is being migrated by another run at this moment. Nothing was switched. Wait until that run has ended, then run Migrate again.`,
	);
