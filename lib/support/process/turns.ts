/** Ends the work of a place. */
type GiveWay = () => void;

/**
 * Whose turn it is: as many at once as there are places, who came first goes first. Work that has become long keeps all places
 * but one at most while others wait: what is too much gives way, and goes on in a line of its own.
 */
export class Turns {
	private readonly waiting = new Set<() => void>();
	private readonly waitingLong = new Set<() => void>();
	/** Long work that has a place; the last one became long last. */
	private readonly long = new Set<GiveWay>();
	private readonly mostLong: number;
	private busy = 0;

	constructor(private readonly places: number) {
		this.mostLong = Math.max(1, places - 1);
	}

	get waits(): number {
		return this.waiting.size;
	}

	get areTaken(): boolean {
		return this.busy >= this.places;
	}

	/** Waits for a place. */
	async take(signal: AbortSignal | undefined): Promise<void> {
		if (this.areTaken) {
			const turn = wait(this.waiting, signal);
			this.makeRoom();
			await turn;
		} else {
			this.busy++;
		}
	}

	/** Waits for a place for work that gave way. */
	async takeLong(giveWay: GiveWay, signal: AbortSignal | undefined): Promise<void> {
		const begin = (): unknown => this.long.add(giveWay);
		if (this.areTaken || !this.hasRoomForLong) {
			await wait(this.waitingLong, signal, begin);
		} else {
			this.busy++;
			begin();
		}
	}

	/** Work that has a place takes long. */
	becameLong(giveWay: GiveWay): void {
		this.long.add(giveWay);
		this.makeRoom();
	}

	/** Gives a place back: to long work that waits if it may have one, otherwise to who has waited longest. */
	leave(giveWay: GiveWay): void {
		this.long.delete(giveWay);
		const next = (this.hasRoomForLong && takeFirst(this.waitingLong)) || takeFirst(this.waiting);
		if (next) next();
		else this.busy--;
	}

	private get hasRoomForLong(): boolean {
		return this.long.size < this.mostLong;
	}

	private makeRoom(): void {
		if (this.waiting.size === 0 || this.long.size <= this.mostLong) return;
		const last = [...this.long].at(-1);
		if (!last) return;
		this.long.delete(last);
		last();
	}
}

/** @param begin is called when the turn comes, before anybody else can have one */
async function wait(
	line: Set<() => void>,
	signal: AbortSignal | undefined,
	begin?: () => unknown,
): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const go = (): void => {
			signal?.removeEventListener('abort', cancel);
			begin?.();
			resolve();
		};
		const cancel = (): void => {
			line.delete(go);
			reject(reasonOf(signal));
		};
		signal?.addEventListener('abort', cancel, { once: true });
		line.add(go);
	});
}

function takeFirst(line: Set<() => void>): (() => void) | undefined {
	const [first] = line;
	if (first) line.delete(first);
	return first;
}

/** Why a signal was given, as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
	const reason: unknown = signal?.reason;
	return reason instanceof Error ? reason : new Error(`Cancelled: ${String(reason)}`);
}
