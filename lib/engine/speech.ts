import type { SpeechSegment } from './types/speech';

/** Joins segments to passages of about so many seconds; a passage begins and ends with a segment. */
export function speechPassages(segments: readonly SpeechSegment[], seconds: number): SpeechSegment[] {
	const passages: Array<{ start: number; end: number; texts: string[] }> = [];
	for (const { start, end, text } of segments) {
		const last = passages.at(-1);
		if (last !== undefined && end - last.start <= seconds) {
			last.texts.push(text);
			last.end = Math.max(last.end, end);
		} else passages.push({ start, end, texts: [text] });
	}
	return passages.map(({ start, end, texts }) => ({ start, end, text: texts.join(' ') }));
}

/** A time of a recording for people: 83.4 → "1:23", 3,700 → "1:01:40". */
export function clockTime(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	const two = (value: number): string => String(value).padStart(2, '0');
	const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
	return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A time of subtitles: 83.4 → "00:01:23.400"; SRT has a comma. */
function cueTime(seconds: number, point: '.' | ','): string {
	const ms = Math.max(0, Math.round(seconds * 1000));
	const part = (value: number, width: number): string => String(value).padStart(width, '0');
	return (
		`${part(Math.floor(ms / 3_600_000), 2)}:${part(Math.floor(ms / 60_000) % 60, 2)}:` +
		`${part(Math.floor(ms / 1000) % 60, 2)}${point}${part(ms % 1000, 3)}`
	);
}

/** Segments as WebVTT or SRT. */
export function subtitlesOf(segments: readonly SpeechSegment[], format: 'vtt' | 'srt'): string {
	const point = format === 'vtt' ? '.' : ',';
	const cues = segments.map(
		({ start, end, text }, index) =>
			`${format === 'srt' ? `${index + 1}\n` : ''}${cueTime(start, point)} --> ${cueTime(end, point)}\n${text}\n`,
	);
	return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${cues.join('\n')}`;
}
