// One n8n with the packed nodes for all suites of a run (jest calls this once for each project that has tests to run).
import { startHost, type Host } from './n8n';

declare global {
	var sharedHost: Host | undefined;
}

export default async function globalSetup(): Promise<void> {
	if (globalThis.sharedHost) return;
	globalThis.sharedHost = await startHost();
	const { url, home, tarball } = globalThis.sharedHost;
	process.env.LOCAL_ENGINE_TEST_HOST = JSON.stringify({ url, home, tarball });
}
