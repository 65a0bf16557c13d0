// What the built-in encoders are compared with, each a process with `embed(texts)`; undefined, with the reason, where it is not there.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { startLlamaServer } from './llamaServer.mjs';
import { root } from './modules.mjs';

/** Texts a request, of which llama.cpp makes one batch. */
const BATCH = 16;
/** The script that the model came with; beside a checkout for development. */
const REFERENCE = `${root}../shared/models/multilingual-e5-small/reference.cjs`;

/** MiniLM in f16 on the llama.cpp server, one thread. Needs MINILM_GGUF and a Python with xllamacpp (LLAMA_PYTHON). */
export async function minilmOnLlamaCpp() {
	const model = process.env.MINILM_GGUF;
	const missing = (reason) => {
		console.log(`skipped: MiniLM on the llama.cpp server (${reason})`);
		return undefined;
	};
	if (!model) return missing('set MINILM_GGUF to a GGUF file of all-MiniLM-L6-v2');
	const server = await startLlamaServer({
		model,
		arguments: ['--embedding', '--pooling', 'mean', '--threads', '1'],
	});
	if (!server) return missing('no Python with the xllamacpp package found');
	return {
		name: 'MiniLM f16 on the llama.cpp server, one thread',
		pid: server.pid,
		embed: (texts) => ask(server.url, texts),
		close: () => server.close(),
	};
}

/** The multilingual model by its plain script, one thread. MULTILINGUAL_REFERENCE names another script. */
export async function multilingualByScript() {
	const script = process.env.MULTILINGUAL_REFERENCE ?? REFERENCE;
	if (!existsSync(script)) {
		console.log(`skipped: the multilingual model by its plain script (${script} is not there)`);
		return undefined;
	}
	const child = fork(new URL('referenceEncoder.mjs', import.meta.url), [script]);
	await once(child, 'message');
	return {
		name: 'the same model by its plain script (reference.cjs), one thread',
		pid: child.pid,
		embed: async (texts) => {
			child.send({ texts });
			const [{ vectors }] = await once(child, 'message');
			return vectors;
		},
		close: async () => {
			const gone = once(child, 'exit');
			child.disconnect();
			await gone;
		},
	};
}

async function ask(url, texts) {
	const vectors = [];
	for (let start = 0; start < texts.length; start += BATCH) {
		const response = await fetch(`${url}/v1/embeddings`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ input: texts.slice(start, start + BATCH) }),
		});
		if (!response.ok)
			throw new Error(`the llama.cpp server answered ${response.status}: ${await response.text()}`);
		vectors.push(...(await response.json()).data.map(({ embedding }) => embedding));
	}
	return vectors;
}
