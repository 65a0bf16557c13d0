import { spawnSync } from 'node:child_process';
import { findChromium } from '../../host/chromium.cjs';

/** Path of a Chromium, installed by apt where this runs as root on Debian or Ubuntu; or why there is none. */
export function ensureChromium() {
	const found = findChromium();
	if (found) return { file: found };
	const hint = 'install Chromium, or name a browser in LOCAL_ENGINE_CHROMIUM';
	if (process.platform !== 'linux' || process.getuid?.() !== 0)
		return { reason: `no Chromium found: ${hint}` };
	console.error('Installing Chromium with apt …');
	const apt = (...args) =>
		spawnSync('apt-get', args, {
			encoding: 'utf8',
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		});
	apt('update');
	const { status, stderr, error } = apt('install', '-y', '--no-install-recommends', 'chromium');
	const file = findChromium();
	if (status === 0 && file) return { file };
	return {
		reason: `apt could not install Chromium (${error?.message ?? stderr.trim().split('\n').at(-1)}): ${hint}`,
	};
}
