/** What a process of ours needs: where things are, and what LanceDB was told. Secrets of n8n's own environment stay out. */
const NEEDED = /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LD_LIBRARY_PATH|LANCE\w*)$/i;

/** The part of our environment that processes we start get. */
export function bareEnvironment(): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => NEEDED.test(name)));
}
