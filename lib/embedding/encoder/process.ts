import { OwnProcess, type Ending as ProcessEnding } from '../../support';
import type { EncoderMessage, EncoderOutput, EncoderRequest, ModelFiles } from './protocol';
import type { Runtime } from './runtime';

/** Why an encoder process ended. */
export interface Ending extends ProcessEnding {
	/** It had become ready before. */
	readonly wasReady: boolean;
	/** What it said itself, if it could. */
	readonly broken?: { readonly cause: 'model' | 'runtime'; readonly message: string };
}

export interface ProcessEvents {
	onReady(): void;
	/** `ms`: how long it took to compute, without waiting. */
	onResult(id: number, result: Float32Array | Error, ms: number): void;
	/** Exactly once, whatever happened. */
	onEnd(ending: Ending): void;
}

export interface EncoderSettings {
	readonly runtime: Runtime;
	readonly files: ModelFiles;
	readonly program: string;
	readonly nodeFlags: readonly string[];
	readonly idleMs: number;
	readonly silentMs: number;
}

/** One encoder process. */
export class EncoderProcess {
	private readonly process: OwnProcess<EncoderRequest, EncoderMessage>;
	private broken: Ending['broken'];
	private ready = false;

	constructor(
		{ runtime, files, ...settings }: EncoderSettings,
		private readonly events: ProcessEvents,
	) {
		this.process = new OwnProcess({
			...settings,
			parameters: [runtime.kind === 'native' ? runtime.file : '', runtime.kind, JSON.stringify(files)],
		});
		this.process.on('message', (message) => this.receive(message));
		this.process.once('end', (ending) =>
			this.events.onEnd({ ...ending, wasReady: this.ready, broken: this.broken }),
		);
	}

	get pid(): number | undefined {
		return this.process.pid;
	}

	/** Whether it takes requests: false as soon as it is about to end. */
	get usable(): boolean {
		return this.process.usable;
	}

	send(id: number, ids: Int32Array, output: EncoderOutput): void {
		void this.process.send({ id, ids, output });
	}

	/** Whether it has requests: it is watched then, and ends when it has had none for a while. */
	setBusy(on: boolean): void {
		this.process.setBusy(on);
	}

	kill(): void {
		this.process.kill();
	}

	private receive(message: EncoderMessage): void {
		if (message.type === 'ready') {
			this.ready = true;
			this.events.onReady();
		} else if (message.type === 'broken') {
			this.broken = message;
		} else {
			const isResult = message.type === 'result';
			this.events.onResult(
				message.id,
				isResult ? message.data : new Error(message.message),
				isResult ? message.ms : 0,
			);
		}
	}
}
