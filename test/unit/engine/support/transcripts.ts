import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A recorded exchange with a real engine; see test/fixtures/engine-transcripts/README.md for the format. */
export interface Transcript {
	readonly engine: string;
	readonly case: string;
	readonly started_with: string;
	readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
	readonly response: {
		readonly status: number | null;
		readonly headers: { readonly [name: string]: string } | null;
		readonly body?: unknown;
		readonly chunks?: readonly { readonly t_ms: number; readonly data: string }[];
		readonly end: string;
	};
	readonly note?: string;
}

export const TRANSCRIPTS = join(__dirname, '../../../fixtures/engine-transcripts');

export type RecordedEngine = 'llama-server' | 'ollama' | 'vllm' | 'tei';
export const RECORDED: readonly RecordedEngine[] = ['llama-server', 'ollama', 'vllm', 'tei'];

export function transcript(engine: RecordedEngine, name: string): Transcript {
	const parsed: Transcript = JSON.parse(readFileSync(join(TRANSCRIPTS, engine, `${name}.json`), 'utf8'));
	return parsed;
}

export function allTranscripts(): {
	readonly engine: RecordedEngine;
	readonly name: string;
	readonly transcript: Transcript;
}[] {
	return RECORDED.flatMap((engine) =>
		readdirSync(join(TRANSCRIPTS, engine))
			.filter((file) => file.endsWith('.json'))
			.sort()
			.map((file) => {
				const name = file.slice(0, -'.json'.length);
				return { engine, name, transcript: transcript(engine, name) };
			}),
	);
}

/** The body as it went over the wire. */
export function bodyOf({ response }: Transcript): string {
	if (response.chunks !== undefined) return response.chunks.map(({ data }) => data).join('');
	if (response.body === undefined || response.body === null) return '';
	return typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
}
