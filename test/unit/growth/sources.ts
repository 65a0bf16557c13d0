import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const LIB = path.join(__dirname, '../../../lib');

export interface TextFunction {
	/** "answering/citations.ts checkCitations", "embedding/wordpiece.ts WordPiece.count". */
	readonly name: string;
	readonly file: string;
	readonly exported: string;
	/** Its one required parameter is a text. */
	readonly plain: boolean;
}

/** Every exported function and public method of lib with a parameter that is, or holds, text or anything at all. */
export function textFunctions(): TextFunction[] {
	return filesOf(LIB).flatMap((file) => {
		const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
		const relative = path.relative(LIB, file).replaceAll(path.sep, '/');
		return source.statements.flatMap((statement) =>
			isExported(statement)
				? declared(statement).flatMap(({ name, parameters, method }) =>
						parameters.some(takesText)
							? [{ name: `${relative} ${name}`, file, exported: name, plain: !method && isPlain(parameters) }]
							: [],
					)
				: [],
		);
	});
}

function filesOf(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
		.map((entry) => path.join(entry.parentPath, entry.name))
		.sort();
}

const isExported = (statement: ts.Statement): boolean =>
	ts.canHaveModifiers(statement) &&
	(ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

type Parameters = ts.NodeArray<ts.ParameterDeclaration>;

function declared(
	statement: ts.Statement,
): ReadonlyArray<{ readonly name: string; readonly parameters: Parameters; readonly method: boolean }> {
	if (ts.isFunctionDeclaration(statement)) {
		return [{ name: statement.name?.text ?? 'default', parameters: statement.parameters, method: false }];
	}
	if (ts.isVariableStatement(statement)) {
		return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
			initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
				? [{ name: name.getText(), parameters: initializer.parameters, method: false }]
				: [],
		);
	}
	if (!ts.isClassDeclaration(statement)) return [];
	return statement.members.flatMap((member) => {
		const hidden =
			ts.canHaveModifiers(member) &&
			(ts.getModifiers(member) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
		if (!ts.isMethodDeclaration(member) || hidden || ts.isPrivateIdentifier(member.name)) return [];
		const name = `${statement.name?.text ?? ''}.${member.name.getText()}`;
		return [{ name, parameters: member.parameters, method: true }];
	});
}

const takesText = ({ type }: ts.ParameterDeclaration): boolean =>
	type !== undefined && /\bstring\b|\bunknown\b/.test(type.getText());

function isPlain(parameters: Parameters): boolean {
	const [first, ...others] = parameters;
	const optional = others.every(({ questionToken, initializer }) => questionToken ?? initializer);
	return (
		optional &&
		first?.dotDotDotToken === undefined &&
		/^(?:string|unknown)$/.test(first?.type?.getText() ?? '')
	);
}
