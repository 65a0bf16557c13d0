import type { Attempt } from '../errors';

/** A recording, in any format that the engine reads. */
export interface Recording {
	readonly bytes: Uint8Array;
	/** Engines tell the format by the ending: "meeting.mp3". */
	readonly name: string;
	/** Such as "audio/mpeg". */
	readonly mediaType?: string;
}

export interface TranscribeOptions {
	/** Always named: an engine's usual model is one for chats. */
	readonly model: string;
	/** ISO 639-1, such as "de"; absent: the model finds out. */
	readonly language?: string;
	/** Names and terms that occur. */
	readonly prompt?: string;
	readonly temperature?: number;
}

/** A piece of speech; times in seconds from the beginning. */
export interface SpeechSegment {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

export interface Transcription {
	readonly text: string;
	/** In the order of time; empty where the engine gives no times. */
	readonly segments: readonly SpeechSegment[];
	readonly language?: string;
	/** Length of the recording in seconds, where the engine says it. */
	readonly seconds?: number;
	readonly engine: string;
	readonly model: string;
	readonly attempts: readonly Attempt[];
}
