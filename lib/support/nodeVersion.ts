/** Major and minor version: undici and the PDF and HTML parsers need it; `engines` in package.json says the same. */
export const OLDEST_NODE = [22, 19] as const;

/** One sentence for people where Node is too old for the pack, else undefined. @param version as "22.19.0" */
export function nodeProblem(version = process.versions.node): string | undefined {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [oldestMajor, oldestMinor] = OLDEST_NODE;
	if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
	return `n8n runs on Node ${version}, and n8n-nodes-local-engine needs Node ${oldestMajor}.${oldestMinor} or newer. Install a newer Node or a newer Docker image of n8n, then start n8n again.`;
}
