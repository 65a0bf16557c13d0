/** What a piece of long work is, for the people who wait for it. */
export interface JobStart {
	/** What is done, as the operation is called: "Sync Documents". */
	readonly task: string;
	/** What it is done to: the name of an index, a data set, a model. */
	readonly subject: string;
	/** Name of the node and of its workflow. */
	readonly node: string;
	readonly workflow?: string;
	/** What `done` and `total` count: "documents". */
	readonly unit: string;
}

/** How far work is; as `CallContext.onProgress` says it. */
export interface Advance {
	readonly done: number;
	readonly total?: number;
	/** How much of all is done, from 0 to 1, where that is known better than `done` of `total`. */
	readonly share?: number;
	readonly chunks?: number;
	readonly note?: string;
}

export type JobState = 'running' | 'finished' | 'failed' | 'stopped';

/** A piece of long work as it is now. */
export interface Job extends JobStart, Advance {
	readonly id: string;
	/** `stopped`: its process ended without a word. */
	readonly state: JobState;
	readonly startedAt: string;
	/** When it last gave a sign of life. */
	readonly updatedAt: string;
	/** Why it failed. */
	readonly error?: string;
	/** Of `unit`, since the beginning. */
	readonly perSecond?: number;
	readonly chunksPerSecond?: number;
	/** From the rate so far; absent where nobody knows how much there is, or nothing is done yet. */
	readonly secondsLeft?: number;
}

/** A report to look at. */
export interface ReportStart {
	readonly title: string;
	/** What made it, as the operation is called: "Evaluate". */
	readonly task: string;
	readonly node: string;
	readonly workflow?: string;
	/** A whole page that needs nothing else. */
	readonly html: string;
}

export interface Report extends Omit<ReportStart, 'html'> {
	readonly id: string;
	readonly createdAt: string;
}
