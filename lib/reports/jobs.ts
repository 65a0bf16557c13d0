import path from 'node:path';
import { asNumber, asString, compact, identityOf, type UnknownObject } from '../support';
import { entryOf, idsIn, keepNewest, newId, writeWhole } from './files';
import type { Advance, Job, JobStart, JobState } from './types';

/** How often a running job writes down how far it is, in milliseconds. Shorter jobs leave nothing behind. */
const EVERY_MS = 1000;
/** A running job that wrote nothing for so long was ended with its process. */
const SILENT_MS = 30_000;
/** Jobs that are remembered. */
const MAX_JOBS = 100;
const MAX_TEXT = 500;

const folderOf = (directory: string): string => path.join(directory, 'jobs');

/** Work that others can watch while it runs. */
export class RunningJob {
	readonly #id = newId();
	readonly #startedAt = new Date();
	readonly #timer: NodeJS.Timeout;
	readonly #folder: string | undefined;
	#advance: Advance = { done: 0 };
	#writing: Promise<void> = Promise.resolve();
	#isWritten = false;

	/** @param directory the pack's data folder; all processes that share it see the job */
	constructor(
		private readonly directory: string,
		private readonly start: JobStart,
		private readonly onError: (thrown: unknown) => void,
	) {
		this.#folder = identityOf(directory);
		this.#timer = setInterval(() => this.#write('running'), EVERY_MS);
		this.#timer.unref();
	}

	advance(advance: Advance): void {
		this.#advance = advance;
	}

	/** @param error why it failed */
	async end(error?: string): Promise<void> {
		clearInterval(this.#timer);
		// What is done within a second is not worth watching.
		if (this.#isWritten) this.#write(error === undefined ? 'finished' : 'failed', error);
		await this.#writing;
	}

	/** One after the other, so that the last state is the one that stays. */
	#write(state: JobState, error?: string): void {
		// Its space was dropped meanwhile: nothing of it is written into one that is made anew under the name.
		if (this.#folder !== undefined && this.#folder !== identityOf(this.directory)) return;
		const isFirst = !this.#isWritten;
		this.#isWritten = true;
		const entry = compact({
			...this.start,
			...this.#advance,
			state,
			startedAt: this.#startedAt.toISOString(),
			updatedAt: new Date().toISOString(),
			error: error?.slice(0, MAX_TEXT),
		});
		this.#writing = this.#writing
			.then(async () => {
				const folder = folderOf(this.directory);
				await writeWhole(path.join(folder, `${this.#id}.json`), JSON.stringify(entry));
				if (isFirst) await keepNewest(folder, MAX_JOBS);
			})
			.catch(this.onError);
	}
}

/** Running jobs and those that ended lately, the newest first. */
export async function listJobs(directory: string, now = Date.now()): Promise<Job[]> {
	const folder = folderOf(directory);
	const jobs: Job[] = [];
	for (const id of (await idsIn(folder)).slice(0, MAX_JOBS)) {
		const entry = await entryOf(folder, id);
		if (entry) jobs.push(jobOf(id, entry, now));
	}
	return jobs;
}

function jobOf(id: string, entry: UnknownObject, now: number): Job {
	const text = (name: string) => asString(entry[name]) ?? '';
	const updatedAt = text('updatedAt');
	const isSilent = now - Date.parse(updatedAt) > SILENT_MS;
	const state = text('state') === 'running' && isSilent ? 'stopped' : (text('state') as JobState);
	const advance = {
		done: asNumber(entry.done) ?? 0,
		total: asNumber(entry.total),
		share: asNumber(entry.share),
		chunks: asNumber(entry.chunks),
	};
	const seconds = (Date.parse(updatedAt) - Date.parse(text('startedAt'))) / 1000;
	return compact({
		...{ id, task: text('task'), subject: text('subject'), node: text('node'), unit: text('unit') },
		...{ workflow: asString(entry.workflow), note: asString(entry.note), error: asString(entry.error) },
		...advance,
		share: roundedShare(shareOf(advance)),
		...{ state, startedAt: text('startedAt'), updatedAt },
		...pace(advance, seconds, state),
	});
}

function pace(advance: Advance, seconds: number, state: JobState): Partial<Job> {
	if (seconds <= 0) return {};
	const { done, chunks } = advance;
	const perSecond = done / seconds;
	const share = shareOf(advance);
	const left = share ? (seconds / share) * Math.max(0, 1 - share) : undefined;
	return {
		perSecond: rounded(perSecond),
		chunksPerSecond: chunks === undefined ? undefined : rounded(chunks / seconds),
		secondsLeft: state === 'running' && left !== undefined ? Math.ceil(left) : undefined,
	};
}

/** How much of all is done; undefined where nobody knows. */
const shareOf = ({ done, total, share }: Advance): number | undefined =>
	share ?? (total ? Math.min(1, done / total) : undefined);

const roundedShare = (share: number | undefined): number | undefined =>
	share === undefined ? undefined : Math.round(share * 1000) / 1000;

/** To what a rate means to a reader. */
const rounded = (rate: number): number => (rate >= 10 ? Math.round(rate) : Number(rate.toPrecision(2)));
