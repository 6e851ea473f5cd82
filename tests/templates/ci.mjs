// Reads generated CI files as the services would.
//
//     ci.mjs workflow FILE         checks a workflow of GitHub Actions against the published JSON
//                                  schema and with GitHub's own parser, expressions and all
//     ci.mjs workflow-targets FILE prints the targets that it has jobs for
//     ci.mjs workflow-runs FILE DIR writes each `run` into DIR as a script named after its step
//     ci.mjs gitlab-job FILE JOB   prints what JOB of a GitLab pipeline runs, as one script
//
// The packages are those of package.json, in the folder NODE_MODULES.
import fs from 'node:fs';
import { createRequire, register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = path.resolve(process.env.NODE_MODULES, 'node_modules');
const require = createRequire(modules + '/');
const YAML = require('yaml');

const fail = (problems) => {
	for (const problem of problems) console.log(problem);
	if (problems.length > 0) process.exit(1);
};

// GitHub's parser imports JSON files without saying so, as bundlers let it and node does not.
const jsonHook = `
	import { readFile } from 'node:fs/promises';
	export async function load(url, context, next) {
		if (!url.endsWith('.json')) return next(url, context);
		const text = await readFile(new URL(url), 'utf8');
		return { format: 'module', source: 'export default ' + text, shortCircuit: true };
	}`;

async function parseProblems(text) {
	register('data:text/javascript,' + encodeURIComponent(jsonHook));
	const main = path.join(modules, '@actions/workflow-parser/dist/index.js');
	const parser = await import(pathToFileURL(main));
	const file = { name: 'workflow', content: text };
	const result = parser.parseWorkflow(file, new parser.NoOperationTraceWriter());
	await parser.convertWorkflowTemplate(result.context, result.value);
	return result.context.errors.getErrors().map((error) => error.message);
}

function schemaProblems(text) {
	const { errors } = require('@action-validator/core').validateWorkflow(text);
	return errors.map((error) => JSON.stringify(error));
}

const steps = (workflow) => Object.values(workflow.jobs).flatMap((job) => job.steps);

const commands = {
	async workflow(file) {
		const text = fs.readFileSync(file, 'utf8');
		fail(schemaProblems(text));
		fail(await parseProblems(text));
	},

	'workflow-targets'(file) {
		const workflow = YAML.parse(fs.readFileSync(file, 'utf8'));
		for (const job of workflow.jobs.build.strategy.matrix.include) console.log(job.target);
	},

	'workflow-runs'(file, folder) {
		const workflow = YAML.parse(fs.readFileSync(file, 'utf8'));
		for (const { name, run } of steps(workflow))
			if (run) fs.writeFileSync(`${folder}/${name}.sh`, `#!/bin/bash -e\n${run}\n`);
	},

	'gitlab-job'(file, name) {
		const pipeline = YAML.parse(fs.readFileSync(file, 'utf8'));
		const base = pipeline[pipeline[name].extends];
		const variables = { ...base.variables, ...pipeline[name].variables };
		const lines = Object.entries(variables).map(([key, value]) => `export ${key}='${value}'`);
		console.log(['#!/bin/sh -e', ...lines, ...base.before_script, ...base.script].join('\n'));
	},
};

const [command, ...rest] = process.argv.slice(2);
await commands[command](...rest);
