/** Development packages of which the build copies parts into the package (gulpfile.js); npm installs nothing of them for people. */
export const COPIED = [
	'pdfjs-dist',
	'tesseract.js-core',
	...['deu', 'eng', 'fra', 'ita', 'spa'].map((language) => `@tesseract.js-data/${language}`),
];

/** Their versions and licences, from a lock file. */
export function copiedPackages({ packages }) {
	return COPIED.map((name) => {
		const { version, license } = packages[`node_modules/${name}`];
		return { name, version, license };
	});
}
