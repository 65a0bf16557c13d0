import { formatDuration } from '../support';

/** Measures how fast texts are embedded and says what that means for the rest. */
export interface RateMeter {
	/** A text was computed (not taken from a cache). */
	readonly tick: () => void;
	/** "36 texts a second, about 5 min left"; with an unknown rest, the time for 10,000. Undefined until it is known. */
	readonly note: (left: number | undefined) => string | undefined;
}

/** The first texts are left out: loading the model and warming up say nothing about the rest. */
const WARM_UP = 5;

export function createRateMeter(now: () => number = () => performance.now()): RateMeter {
	let count = 0;
	let since = 0;
	return {
		tick() {
			if (++count === WARM_UP) since = now();
		},
		note(left) {
			const seconds = (now() - since) / 1000;
			if (count <= WARM_UP || seconds <= 0) return undefined;
			const perSecond = (count - WARM_UP) / seconds;
			const rest = left === undefined ? '10,000 take about' : 'left: about';
			return `${formatRate(perSecond)} texts a second; ${rest} ${formatDuration(((left ?? 10_000) / perSecond) * 1000)}`;
		},
	};
}

function formatRate(perSecond: number): string {
	return perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}
