/** Development packages of which the build copies parts into the package (gulpfile.js); npm installs nothing of them for people. */
export const COPIED = [
	'onnxruntime-web',
	'onnxruntime-common',
	'pdfjs-dist',
	'tesseract.js-core',
	...['deu', 'eng', 'fra', 'ita', 'spa'].map((language) => `@tesseract.js-data/${language}`),
];

/** Their versions and licences, from a lock file. */
export function copiedPackages({ packages }) {
	return COPIED.map((name) => {
		const places = [`node_modules/${name}`, `node_modules/onnxruntime-web/node_modules/${name}`];
		const { version, license } = packages[places.find((place) => place in packages)];
		return { name, version, license };
	});
}
