import { type Application, buildApplication, buildRouteMap } from "@stricli/core";
import { audit } from "./commands/audit.ts";
import { certificates } from "./commands/certificates.ts";
import { completion } from "./commands/completion.ts";
import { configCheck } from "./commands/config-check.ts";
import { env } from "./commands/env.ts";
import { exec } from "./commands/exec.ts";
import { get } from "./commands/get.ts";
import { hostApply } from "./commands/host-apply.ts";
import { hostCheck } from "./commands/host-check.ts";
import { hostClean } from "./commands/host-clean.ts";
import { hostPlan } from "./commands/host-plan.ts";
import { instancesList } from "./commands/instances-list.ts";
import { instancesShow } from "./commands/instances-show.ts";
import { serve } from "./commands/serve.ts";
import { status } from "./commands/status.ts";
import { transitionEnforce } from "./commands/transition-enforce.ts";
import { transitionPlan } from "./commands/transition-plan.ts";
import { transitionRollback } from "./commands/transition-rollback.ts";
import { transitionStatus } from "./commands/transition-status.ts";
import { v1Callers } from "./commands/v1-callers.ts";
import { printVersion, version } from "./commands/version.ts";
import type { Context } from "./context.ts";
import { exitCodeOf } from "./failure.ts";
import { printHelp } from "./help.ts";
import { TEXT } from "./messages.ts";

const instances = buildRouteMap({
	routes: { list: instancesList, show: instancesShow },
	docs: {
		brief: "List the instances of the running service, or show one.",
		fullDescription: `
Tells about the instances of the running service. Without a command, lists them.

Examples:
  openimds instances
  openimds instances show i-1234567890abcdef0`,
	},
});

const config = buildRouteMap({
	routes: { check: configCheck },
	docs: { brief: "Check a configuration file." },
});

const host = buildRouteMap({
	routes: { plan: hostPlan, apply: hostApply, check: hostCheck, clean: hostClean },
	docs: { brief: "Make this host ready for the machines and containers that are its instances." },
});

const transition = buildRouteMap({
	routes: { status: transitionStatus, plan: transitionPlan, enforce: transitionEnforce, rollback: transitionRollback },
	docs: {
		brief: "Go from IMDSv1 to IMDSv2: see who still calls v1, require v2, take it back.",
		fullDescription: `
The way from IMDSv1 to IMDSv2: see who still calls without a token, plan, require tokens in batches, and take back what breaks.

Examples:
  openimds transition status
  openimds transition plan --period 7d
  openimds transition enforce --period 7d --watch 1h
  openimds transition rollback`,
	},
});

/** The commands. */
export const application: Application<Context> = buildApplication<Context>(
	buildRouteMap({
		routes: {
			serve,
			get,
			env,
			exec,
			instances,
			audit,
			"v1-callers": v1Callers,
			transition,
			certificates,
			status,
			config,
			host,
			completion,
			version,
		},
		docs: {
			brief: "The EC2 Instance Metadata Service (IMDS) for any machine.",
			fullDescription: `
The EC2 Instance Metadata Service (IMDS) for any machine: unmodified AWS clients find themselves on an EC2 instance.

Examples:
  openimds                      serve one instance at http://127.0.0.1:1338
  eval "$(openimds env)"        lead the AWS clients of a shell to its APIs
  eval "$(openimds env --role)" put them on that instance
  openimds exec -- npm test     run a program on it, or on one for its life
  openimds get -r meta-data/    print all that it is told
  openimds serve --config openimds.yaml --watch`,
		},
	}),
	{
		name: "openimds",
		scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
		documentation: { disableAnsiColor: true },
		localization: { text: TEXT },
		determineExitCode: exitCodeOf,
	},
	{
		help: { flag: { brief: "Print this.", aliases: ["h"], global: true, complete: true, defaultForRouteMap: true, run: printHelp } },
		version: {
			flag: {
				brief: "Print the version.",
				complete: true,
				run() {
					return printVersion(this);
				},
			},
		},
	},
);
