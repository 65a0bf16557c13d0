// What parts of `npm test` need beside the project's own packages. Each gives, at once or later, `{ env }` for the tests, or
// `{ reasons }`: a sentence for each thing that is missing and could not be installed.
import { existsSync } from 'node:fs';
import { ensureChromium } from './chromium.mjs';
import { ensureClients } from './clients.mjs';
import { ensureEngines } from './engines.mjs';
import { ensurePython } from './python.mjs';
import { ensureServers } from './servers.mjs';

export const NEEDS = {
	/** The host n8n and a built package: installed before anything runs (scripts/ensure.mjs). */
	n8n: () => ({}),
	python: () => {
		const { file, reason } = ensurePython();
		return file
			? { env: { LOCAL_ENGINE_PYTHON: file } }
			: { reasons: [`the tests against a real llama.cpp server: ${reason}`] };
	},
	clients: () => ensureClients(),
	engines: () => ensureEngines(),
	browser: () => {
		const { file, reason } = ensureChromium();
		return file ? { env: { LOCAL_ENGINE_CHROMIUM: file } } : { reasons: [`e2e: ${reason}`], required: true };
	},
	servers: () => ({ reasons: ensureServers().map((reason) => `the tests against it: ${reason}`) }),
	qdrant: () => {
		const { QDRANT_BIN, QDRANT_URL } = process.env;
		if (QDRANT_URL || (QDRANT_BIN && existsSync(QDRANT_BIN))) return {};
		const reason = QDRANT_BIN
			? `QDRANT_BIN names ${QDRANT_BIN}, which does not exist`
			: 'set QDRANT_BIN to the path of a Qdrant program (1.18 was tried), or QDRANT_URL to the address of a running server';
		return { reasons: [`the tests against a real Qdrant: ${reason}`], required: true };
	},
	qdrantProgram: () => {
		const { QDRANT_BIN } = process.env;
		if (QDRANT_BIN && existsSync(QDRANT_BIN)) return {};
		const reason = QDRANT_BIN
			? `QDRANT_BIN names ${QDRANT_BIN}, which does not exist`
			: 'set QDRANT_BIN to the path of a Qdrant program (1.18 was tried)';
		return { reasons: [`the tests against a cluster of Qdrant nodes: ${reason}`], required: true };
	},
};
