import os from 'node:os';
import path from 'node:path';

/** Folder of the pack's data on this machine: beside n8n's own database, so that both are backed up and mounted together. */
export function dataDirectory(): string {
	return path.join(process.env.N8N_USER_FOLDER ?? os.homedir(), '.n8n', 'local-engine');
}
