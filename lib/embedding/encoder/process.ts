import { fork, type ChildProcess } from 'node:child_process';
import { bareEnvironment, hold } from '../../support';
import type { EncoderMessage, EncoderOutput, EncoderRequest } from './protocol';
import { PROGRAM, type Runtime } from './runtime';

/** Why an encoder process ended. */
export interface Ending {
	/** It had become ready before. */
	readonly wasReady: boolean;
	/** What it said itself, if it could. */
	readonly broken?: { readonly cause: 'model' | 'runtime'; readonly message: string };
	/** For people: exit code or signal, and the last words on its error stream. */
	readonly reason: string;
}

export interface ProcessEvents {
	onReady(): void;
	onResult(id: number, result: Float32Array | Error): void;
	/** Exactly once, whatever happened. */
	onEnd(ending: Ending): void;
}

export interface ProcessSettings {
	readonly runtime: Runtime;
	readonly modelFile: string;
	readonly modelHash: string;
	/** Flags of Node for the process. Default none: n8n's own do not apply to it. */
	readonly execArgv?: readonly string[];
	/** Default: the encoder's own. */
	readonly program?: string;
}

/** One encoder process. It keeps Node alive only while `hold` is on, and ends when this process does. */
export class EncoderProcess {
	private readonly child: ChildProcess;
	private stderr = '';
	private broken: Ending['broken'];
	private ready = false;
	private ended = false;

	constructor(
		settings: ProcessSettings,
		private readonly events: ProcessEvents,
	) {
		const { runtime, modelFile, modelHash, execArgv = [], program = PROGRAM } = settings;
		this.child = fork(program, [runtime.file, runtime.kind, modelFile, modelHash], {
			execArgv: [...execArgv],
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
			env: bareEnvironment(),
		});
		this.child.stderr?.on(
			'data',
			(data: Buffer) => (this.stderr = (this.stderr + data.toString()).slice(-2000)),
		);
		this.child.on('message', (message: EncoderMessage) => this.receive(message));
		// `error`: it could not be started at all. `close` follows `exit` when the last words have been read.
		this.child.once('error', (error) => this.end(error.message));
		this.child.once('close', (code, signal) =>
			this.end(signal ? `it was ended by ${signal}` : `it ended with code ${code}`),
		);
		this.hold(false);
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	send(id: number, ids: Int32Array, output: EncoderOutput): void {
		// A failure to send is a process that has ended: `close` tells.
		this.child.send({ id, ids, output } satisfies EncoderRequest, () => undefined);
	}

	/** Whether the process keeps this one alive. */
	hold(on: boolean): void {
		hold(this.child, on);
	}

	kill(): void {
		this.child.kill('SIGKILL');
	}

	private receive(message: EncoderMessage): void {
		if (this.ended) return;
		if (message.type === 'ready') {
			this.ready = true;
			this.events.onReady();
		} else if (message.type === 'broken') {
			this.broken = message;
		} else {
			this.events.onResult(message.id, message.type === 'result' ? message.data : new Error(message.message));
		}
	}

	private end(how: string): void {
		if (this.ended) return;
		this.ended = true;
		const lastWords = this.stderr.trim().split('\n').slice(-3).join(' ');
		const reason = lastWords === '' ? how : `${how}: ${lastWords}`;
		this.events.onEnd({ wasReady: this.ready, broken: this.broken, reason });
	}
}
