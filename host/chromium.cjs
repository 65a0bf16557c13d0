const { existsSync } = require('node:fs');
const path = require('node:path');

/** Names and places of Chromium and its relatives. */
const NAMES = [
	'chromium',
	'chromium-browser',
	'google-chrome',
	'google-chrome-stable',
	'chrome',
	'microsoft-edge',
];
const PLACES = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Program file of a browser that playwright-core can drive; LOCAL_ENGINE_CHROMIUM names one. @returns {string | undefined} */
function findChromium() {
	const folders = (process.env.PATH ?? '').split(path.delimiter);
	const onPath = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
	return [process.env.LOCAL_ENGINE_CHROMIUM ?? '', ...onPath, ...PLACES].find(
		(file) => file !== '' && existsSync(file),
	);
}

/** Quiet, headless, and usable as root in a container. */
const CHROMIUM_FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

module.exports = { findChromium, CHROMIUM_FLAGS };
